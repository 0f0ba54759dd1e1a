// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"crypto/sha256"
	"encoding/hex"
	"math"

	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

type document struct {
	ID       string  `json:"id"`
	Score    float32 `json:"score"`
	Content  string  `json:"content,omitempty"`
	Metadata any     `json:"metadata,omitempty"`
}

// Documents renders gen_ai.retrieval.documents. Backends drop the whole list
// when one document lacks a string id; langchaingo has none, so one is made
// from the text: the same text has the same id.
func Documents(docs []schema.Document, gate Gate) string { return marshal(documents(docs, gate)) }

func documents(docs []schema.Document, gate Gate) []document {
	out := make([]document, len(docs))
	for i, d := range docs {
		out[i] = document{Content: gate(d.PageContent)}
		// The cosine of a zero vector is NaN, for which JSON has no number.
		if finite(d.Score) {
			out[i].Score = d.Score
		}
		if id, ok := d.Metadata["id"].(string); ok && id != "" {
			out[i].ID = gate(id)
		} else {
			sum := sha256.Sum256([]byte(d.PageContent))
			out[i].ID = hex.EncodeToString(sum[:8])
		}
		if len(d.Metadata) > 0 {
			out[i].Metadata = plain(d.Metadata, gate)
		}
	}
	return out
}

// Added are documents on their way into a store.
type Added struct {
	Docs []schema.Document
	// IDs are set when the store has told them, one for each document.
	IDs      []string
	rendered []document
}

// Render is [Documents] of what Docs were when it was first called, since stores
// change them (redisvector does), with the store's ids as soon as they are set.
func (a *Added) Render(gate Gate) string {
	if a.rendered == nil {
		a.rendered = documents(a.Docs, gate)
	}
	if len(a.IDs) == len(a.rendered) {
		for i, id := range a.IDs {
			if id != "" {
				a.rendered[i].ID = gate(id)
			}
		}
	}
	return marshal(a.rendered)
}

// AppendDocuments appends what the documents of a retrieval tell without their
// content: how many, and the best and the worst score. Stores that report
// distances order them the other way, so best is simply the first one's.
func AppendDocuments(kv []attribute.KeyValue, docs []schema.Document) []attribute.KeyValue {
	kv = append(kv, semconv.RetrievalDocumentCount.Int(len(docs)))
	if len(docs) == 0 {
		return kv
	}
	if best := docs[0].Score; finite(best) {
		kv = append(kv, semconv.RetrievalBestScore.Float64(float64(best)))
	}
	if worst := docs[len(docs)-1].Score; finite(worst) {
		kv = append(kv, semconv.RetrievalWorstScore.Float64(float64(worst)))
	}
	return kv
}

func finite(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }
