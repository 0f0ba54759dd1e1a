// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// lines splits a text into its lines: a chunk each.
type lines struct{}

func (lines) SplitText(text string) ([]string, error) { return strings.Split(text, "\n"), nil }

// texts loads documents by source, in the order of the sources. A text that
// begins with "!" cannot be read.
type texts map[string]string

func (f texts) Documents(context.Context) iter.Seq2[schema.Document, error] {
	return func(yield func(schema.Document, error) bool) {
		for _, source := range slices.Sorted(maps.Keys(f)) {
			if problem, ok := strings.CutPrefix(f[source], "!"); ok {
				if !yield(schema.Document{}, &index.SourceError{Source: source, Err: errors.New(problem)}) {
					return
				}
				continue
			}
			if !yield(document(source, f[source]), nil) {
				return
			}
		}
	}
}

func (f texts) Load(ctx context.Context) ([]schema.Document, error) {
	return index.LoaderFunc(f.Documents).Load(ctx)
}

// list is a loader that is no streamer.
type list []schema.Document

func (l list) Load(context.Context) ([]schema.Document, error) { return l, nil }

func document(source, text string) schema.Document {
	return schema.Document{PageContent: text, Metadata: map[string]any{"source": source}}
}

// counter is an embedder that remembers what it has embedded.
type counter struct {
	oteltest.Embedder
	mu    sync.Mutex
	calls int
	texts []string
	// before may fail a call, counted from 1.
	before func(ctx context.Context, call int) error
}

func (c *counter) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	c.mu.Lock()
	c.calls++
	call, before := c.calls, c.before
	c.mu.Unlock()
	if before != nil {
		if err := before(ctx, call); err != nil {
			return nil, err
		}
	}
	vectors, err := c.Embedder.EmbedDocuments(ctx, texts)
	if err == nil {
		c.mu.Lock()
		c.texts = append(c.texts, texts...)
		c.mu.Unlock()
	}
	return vectors, err
}

// embedded returns the texts since it was last called, sorted.
func (c *counter) embedded() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	texts := slices.Sorted(slices.Values(c.texts))
	c.texts = nil
	return texts
}

// remote is a store as langchaingo's: it chooses the ids, and can say nothing of
// what it holds.
type remote struct {
	embedder *counter
	mu       sync.Mutex
	docs     map[string]schema.Document
	next     int
	options  vectorstores.Options
}

func (s *remote) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	texts := make([]string, len(docs))
	for i, d := range docs {
		texts[i] = d.PageContent
	}
	if s.embedder != nil {
		if _, err := s.embedder.EmbedDocuments(ctx, texts); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apply(options)
	ids := make([]string, len(docs))
	for i, d := range docs {
		s.next++
		ids[i] = fmt.Sprintf("id-%d", s.next)
		if s.docs == nil {
			s.docs = map[string]schema.Document{}
		}
		s.docs[ids[i]] = d
	}
	return ids, nil
}

func (s *remote) SimilaritySearch(_ context.Context, _ string, n int, options ...vectorstores.Option) ([]schema.Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apply(options)
	var found []schema.Document
	for _, id := range slices.Sorted(maps.Keys(s.docs)) {
		if len(found) < n {
			found = append(found, s.docs[id])
		}
	}
	return found, nil
}

func (s *remote) apply(options []vectorstores.Option) {
	s.options = vectorstores.Options{}
	for _, o := range options {
		o(&s.options)
	}
}

func (s *remote) remove(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.docs, id)
	}
}

func (s *remote) held() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return heldBy(maps.Values(s.docs))
}

// heldBy are the chunks as "source: text", sorted.
func heldBy(docs iter.Seq[schema.Document]) []string {
	held := []string{}
	for d := range docs {
		held = append(held, fmt.Sprintf("%v: %s", d.Metadata["source"], d.PageContent))
	}
	slices.Sort(held)
	return held
}

// listing is a remote store that can list and delete.
type listing struct{ remote }

func (s *listing) Delete(_ context.Context, ids []string, options ...vectorstores.Option) error {
	s.apply(options)
	s.remove(ids)
	return nil
}

func (s *listing) List(_ context.Context, yield func(string, map[string]any) bool, options ...vectorstores.Option) error {
	s.apply(options)
	for id, d := range s.docs {
		if !yield(id, d.Metadata) {
			break
		}
	}
	return nil
}

func inChromem(t testing.TB, s *chromem.Store) []string {
	t.Helper()
	var docs []schema.Document
	for e, err := range s.All(t.Context()) {
		require.NoError(t, err)
		docs = append(docs, e.Document)
	}
	return heldBy(slices.Values(docs))
}

// bench is an index with what it needs to look at it.
type bench struct {
	*index.Index
	embedder *counter
	held     func() []string
}

// incremental are the ways for an index to know what is stored.
func incremental(t *testing.T, opts ...index.Option) map[string]func() bench {
	t.Helper()
	newIndex := func(s vectorstores.VectorStore) *index.Index {
		x, err := index.New(oteltest.New(t).Handler, append([]index.Option{
			index.WithStore(s), index.WithSplitter(lines{}), index.WithBatchSize(3),
		}, opts...)...)
		require.NoError(t, err)
		return x
	}
	inChrom := func(o ...chromem.Option) bench {
		c := &counter{}
		s, err := chromem.New(append(o, chromem.WithEmbedder(c))...)
		require.NoError(t, err)
		return bench{newIndex(s), c, func() []string { return inChromem(t, s) }}
	}
	return map[string]func() bench{
		"chromem":                       func() bench { return inChrom() },
		"chromem with ids of the index": func() bench { return inChrom(chromem.WithIDs(index.ChunkID)) },
		"a store with List": func() bench {
			s := &listing{remote{embedder: &counter{}}}
			return bench{newIndex(s), s.embedder, s.held}
		},
	}
}
