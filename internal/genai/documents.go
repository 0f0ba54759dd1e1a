// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"math"

	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// AppendDocuments appends the number of documents of a retrieval and the best and
// the worst score. The best is that of the first document, since stores that report
// distances order them by rising ones.
func AppendDocuments(kv []attribute.KeyValue, docs []schema.Document) []attribute.KeyValue {
	kv = append(kv, semconv.RetrievalDocumentCount.Int(len(docs)))
	if len(docs) == 0 {
		return kv
	}
	if best := docs[0].Score; Finite(best) {
		kv = append(kv, semconv.RetrievalBestScore.Float64(float64(best)))
	}
	if worst := docs[len(docs)-1].Score; Finite(worst) {
		kv = append(kv, semconv.RetrievalWorstScore.Float64(float64(worst)))
	}
	return kv
}

// Finite reports whether JSON has a form for the number.
func Finite(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }
