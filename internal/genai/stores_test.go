// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"
)

func TestAppendDocuments(t *testing.T) {
	got := func(scores ...float32) map[attribute.Key]any {
		docs := make([]schema.Document, len(scores))
		for i, s := range scores {
			docs[i].Score = s
		}
		m := map[attribute.Key]any{}
		for _, a := range AppendDocuments(nil, docs) {
			m[a.Key] = a.Value.AsInterface()
		}
		return m
	}
	assert.Equal(t, map[attribute.Key]any{"spanloom.retrieval.document_count": int64(0)}, got(), "no scores are made up")
	assert.Equal(t, map[attribute.Key]any{
		"spanloom.retrieval.document_count": int64(3), "spanloom.retrieval.best_score": 0.25, "spanloom.retrieval.worst_score": 0.75,
	}, got(0.25, 0.5, 0.75), "a store of distances has its best first")
	assert.Equal(t, map[attribute.Key]any{"spanloom.retrieval.document_count": int64(2), "spanloom.retrieval.worst_score": 0.5},
		got(float32(math.Inf(1)), 0.5), "exporters that write JSON fail on infinities")
}
