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

// documents returns the documents of a span, and marks the attributes that hold them as
// shown.
func (s span) documents(shown map[attribute.Key]bool) (list []document) {
	r := reader{s, shown}
	if json.Unmarshal([]byte(r.text(semconv.RetrievalDocuments)), &list) == nil && list != nil {
		r.shown[semconv.RetrievalDocuments] = true
		return list
	}
	list = nil
	for i := 0; ; i++ {
		base := attribute.Key("retrieval.documents." + strconv.Itoa(i) + ".document.")
		d := document{ID: r.take(base + "id"), Content: r.take(base + "content")}
		if score, ok := r.number(base + "score"); ok {
			d.Score = &score
			r.shown[base+"score"] = true
		}
		if d.ID == "" && d.Content == "" && d.Score == nil {
			return list
		}
		if meta := r.text(base + "metadata"); json.Valid([]byte(meta)) {
			d.Metadata = json.RawMessage(r.take(base + "metadata"))
		}
		list = append(list, d)
	}
}
