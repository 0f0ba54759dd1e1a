// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"encoding/json"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// document is one that a search found or that was stored.
type document struct {
	ID       string          `json:"id,omitempty"`
	Score    *float64        `json:"score,omitempty"`
	Content  string          `json:"content,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

// documents returns the documents of a span, and marks the attributes that hold
// them as shown.
func (s span) documents(shown map[attribute.Key]bool) []document {
	var list []document
	if json.Unmarshal([]byte(s.text(semconv.RetrievalDocuments)), &list) == nil && list != nil {
		shown[semconv.RetrievalDocuments] = true
		return list
	}
	list = nil
	for i := 0; ; i++ {
		base := attribute.Key("retrieval.documents." + strconv.Itoa(i) + ".document.")
		d := document{ID: s.text(base + "id"), Content: s.text(base + "content")}
		if score, ok := s.number(base + "score"); ok {
			d.Score = &score
		}
		if meta := s.text(base + "metadata"); json.Valid([]byte(meta)) {
			d.Metadata = json.RawMessage(meta)
		}
		if d.ID == "" && d.Content == "" && d.Score == nil {
			return list
		}
		for _, name := range []attribute.Key{"id", "content", "score", "metadata"} {
			shown[base+name] = true
		}
		list = append(list, d)
	}
}
