// SPDX-License-Identifier: Apache-2.0

package content

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/internal/genai"
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
func Documents(docs []schema.Document, g *Gate) string { return marshal(documents(docs, g)) }

func documents(docs []schema.Document, g *Gate) []document {
	return renderEach(docs, g, renderDocument, func(n int) document {
		return document{ID: ellipsis, Content: moreWereCut(n)}
	})
}

// storeIDLen is room for the id that a store may give later.
const storeIDLen = 140

func renderDocument(d schema.Document, g *Gate) document {
	g.spend(partLen + storeIDLen)
	out := document{Content: g.text("", d.PageContent)}
	// The cosine of a zero vector is NaN, for which JSON has no number.
	if genai.Finite(d.Score) {
		out.Score = d.Score
	}
	if id, ok := d.Metadata["id"].(string); ok && id != "" {
		out.ID = g.text("id", id)
	} else {
		sum := sha256.Sum256([]byte(d.PageContent))
		out.ID = hex.EncodeToString(sum[:8])
	}
	if len(d.Metadata) > 0 {
		out.Metadata = value(d.Metadata, g)
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
func (a *Added) Render(g *Gate) string {
	if a.rendered == nil {
		a.rendered = documents(a.Docs, g)
	}
	if len(a.IDs) == len(a.rendered) {
		for i, id := range a.IDs {
			if id != "" && i < len(a.rendered) {
				a.rendered[i].ID = g.text("id", cutTo(id, storeIDLen))
			}
		}
	}
	return marshal(a.rendered)
}

func cutTo(s string, limit int) string {
	if encodedLen(s) <= limit {
		return s
	}
	return cutEncoded(s, limit-len(ellipsis))
}
