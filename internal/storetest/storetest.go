// SPDX-License-Identifier: Apache-2.0

// Package storetest is the conformance suite for langchaingo's vector stores.
// Each behaviour is tried on the bare store and on the wrapped one, and both
// must answer the same; then the spans and metrics of the wrapped one are
// looked at. [Caps] says in what a store differs from the others.
package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/vectorstore"
)

// Open makes an empty collection that nobody else uses, and a store on it.
type Open func(t *testing.T, e embeddings.Embedder) Target

// Target is a store and what its spans must say about it.
type Target struct {
	Store      vectorstores.VectorStore
	Collection string
	// Server and Port are empty for a store in the process.
	Server string
	Port   int
	// Wrap has what vectorstore.Wrap cannot find out.
	Wrap []vectorstore.Option
}

// Caps says what a store supports, and which of its answers differ. What it does
// not support is skipped, with the reason.
type Caps struct {
	// System is the expected db.system.name.
	System string
	// Distances: the score of the nearest document is the lowest.
	Distances bool
	// NilIDs: adding tells no ids.
	NilIDs bool
	// FixedLimit is how many documents each search returns whatever it asks for;
	// 0: as many as asked for.
	FixedLimit int
	// NoThreshold: the score threshold is ignored.
	NoThreshold bool
	// Filter makes the store's filter for documents whose metadata has the value;
	// nil: it has no filters.
	Filter func(key, value string) any
	// Namespaces says where vectorstores.WithNameSpace selects another collection.
	Namespaces Namespaces
	// NamedBySpace: that is known, so that spans name the collection by it.
	NamedBySpace bool
	// Stated: the program has named the collection.
	Stated bool
	// NoDeduplicater, NoCallEmbedder: the option is ignored or refused.
	NoDeduplicater, NoCallEmbedder bool
	// TypedMetadata: an int comes back as an int and not as JSON's number.
	TypedMetadata bool
	// Metadata takes away what the store adds to the metadata of each document that
	// it returns; nil: nothing is added.
	Metadata func(map[string]any) map[string]any
	// OpaqueErrors: an error of the store's client has the text of its cause, but
	// does not wrap it.
	OpaqueErrors bool
	// AddRejects and SearchRejects are options that each make the call fail.
	AddRejects, SearchRejects map[string]vectorstores.Option
}

// Namespaces says for which calls vectorstores.WithNameSpace works.
type Namespaces int

// Values of Namespaces.
const (
	NoNamespaces Namespaces = iota
	SearchNamespaces
	AllNamespaces
)

// Run runs the suite.
func Run(t *testing.T, open Open, caps Caps) {
	t.Helper()
	for _, c := range behaviours {
		t.Run(c.name, func(t *testing.T) {
			if c.skip != nil {
				if reason := c.skip(caps); reason != "" {
					t.Skip(reason)
				}
			}
			var answers [2][]answer
			for i, name := range []string{"bare", "wrapped"} {
				t.Run(name, func(t *testing.T) {
					s := newSession(t, open, caps, name == "wrapped")
					c.run(t, s)
					answers[i] = s.answers
				})
			}
			if !t.Failed() {
				assert.Equal(t, answers[0], answers[1], "a wrapped store answers as the bare one does")
			}
		})
	}
	for _, c := range telemetry {
		t.Run("telemetry/"+c.name, func(t *testing.T) {
			c.run(t, newSession(t, open, caps, true, c.options...))
		})
	}
}

// session is one store under test and what it has answered.
type session struct {
	Target
	caps     Caps
	embedder *Embedder
	open     func(*testing.T) *session
	// kit is nil for a bare store.
	kit     *oteltest.Kit
	answers []answer
}

// answer is what a call returned, as far as it is the same for two stores that
// were given the same: ids and names of collections are not.
type answer struct {
	ids  int
	docs []schema.Document
	err  string
}

func newSession(t *testing.T, open Open, caps Caps, wrapped bool, opts ...callbacks.Option) *session {
	t.Helper()
	s := &session{caps: caps, embedder: &Embedder{}}
	var e embeddings.Embedder = s.embedder
	if wrapped {
		s.kit = oteltest.New(t, opts...)
		e = retrieval.WrapEmbedder(e, s.kit.Handler, retrieval.WithProvider("storetest"), retrieval.WithModel(model))
	}
	s.Target = open(t, e)
	if wrapped {
		s.Store = vectorstore.Wrap(s.Store, s.kit.Handler, s.Wrap...)
	}
	s.open = func(t *testing.T) *session {
		t.Helper()
		return newSession(t, open, caps, wrapped, opts...)
	}
	return s
}

const model = "words"

func (s *session) add(ctx context.Context, docs []schema.Document, opts ...vectorstores.Option) ([]string, error) {
	ids, err := s.Store.AddDocuments(ctx, docs, opts...)
	s.answers = append(s.answers, answer{ids: len(ids), err: s.text(err)})
	return ids, err
}

func (s *session) search(ctx context.Context, query string, n int, opts ...vectorstores.Option) ([]schema.Document, error) {
	docs, err := s.Store.SimilaritySearch(ctx, query, n, opts...)
	same := copies(docs)
	for _, d := range same {
		for key, value := range d.Metadata {
			if text, ok := value.(string); ok {
				d.Metadata[key] = s.anonymous(text)
			}
		}
	}
	s.answers = append(s.answers, answer{docs: same, err: s.text(err)})
	return docs, err
}

func (s *session) text(err error) string {
	if err == nil {
		return ""
	}
	return s.anonymous(fmt.Sprintf("%T: %v", err, err))
}

func (s *session) anonymous(text string) string {
	return strings.ReplaceAll(text, s.Collection, "{collection}")
}

// found is how many documents a search for n returns if there are so many.
func (s *session) found(n, there int) int {
	if s.caps.FixedLimit > 0 {
		n = s.caps.FixedLimit
	}
	return min(n, there)
}

func contents(docs []schema.Document) []string {
	var out []string
	for _, d := range docs {
		out = append(out, d.PageContent)
	}
	return out
}
