// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func TestIndexIsIncremental(t *testing.T) {
	for name, setup := range incremental(t) {
		t.Run(name, func(t *testing.T) {
			b := setup()
			steps := []struct {
				name     string
				sync     bool
				load     texts
				embedded []string
				held     []string
				want     index.Report
			}{
				{
					"all is new", false,
					texts{"a": "a1\na2", "b": "b1\nsame\nsame"},
					[]string{"a1", "a2", "b1", "same", "same"},
					[]string{"a: a1", "a: a2", "b: b1", "b: same", "b: same"},
					index.Report{Documents: 2, Sources: 2, Added: 5},
				},
				{
					"nothing has changed", false,
					texts{"a": "a1\na2", "b": "b1\nsame\nsame"},
					nil,
					[]string{"a: a1", "a: a2", "b: b1", "b: same", "b: same"},
					index.Report{Documents: 2, Sources: 2, Unchanged: 5},
				},
				{
					"a change, an insertion, a duplicate less", false,
					texts{"a": "a0\na1\nA2", "b": "b1\nsame"},
					[]string{"A2", "a0"},
					[]string{"a: A2", "a: a0", "a: a1", "b: b1", "b: same"},
					index.Report{Documents: 2, Sources: 2, Added: 2, Unchanged: 3, Deleted: 2},
				},
				{
					"what is not given is kept", false,
					texts{"c": "c1"},
					[]string{"c1"},
					[]string{"a: A2", "a: a0", "a: a1", "b: b1", "b: same", "c: c1"},
					index.Report{Documents: 1, Sources: 1, Added: 1},
				},
				{
					"an emptied source", false,
					texts{"b": ""},
					nil,
					[]string{"a: A2", "a: a0", "a: a1", "c: c1"},
					index.Report{Documents: 1, Sources: 1, Deleted: 2},
				},
				{
					"a source that is gone, and one that moved", true,
					texts{"d": "a1\na0\nA2"},
					[]string{"A2", "a0", "a1"},
					[]string{"d: A2", "d: a0", "d: a1"},
					index.Report{Documents: 1, Sources: 1, Added: 3, Deleted: 4},
				},
			}
			for _, s := range steps {
				run := b.Add
				if s.sync {
					run = b.Sync
				}
				r, err := run(t.Context(), s.load)
				require.NoError(t, err, s.name)
				r.Elapsed = 0
				assert.Equal(t, s.want, r, s.name)
				assert.Equal(t, s.embedded, b.embedder.embedded(), s.name)
				assert.Equal(t, s.held, b.held(), s.name)
			}
		})
	}
}

func TestSyncKeepsWhatCannotBeRead(t *testing.T) {
	for name, setup := range incremental(t) {
		t.Run(name, func(t *testing.T) {
			b := setup()
			_, err := b.Add(t.Context(), texts{"a": "a1", "b\xff": "b1", "dir/x": "x1", "dir/y": "y1", "gone": "g1"})
			require.NoError(t, err)
			r, err := b.Sync(t.Context(), texts{"a": "a1\na2", "b\xff": "!broken", "dir/": "!no permission"})
			failed, ok := errors.AsType[*index.PartialError](err)
			require.True(t, ok, "%v", err)
			assert.Len(t, failed.Failed, 2)
			assert.Equal(t, failed.Failed, r.Failed)
			assert.Equal(t, 1, r.Added, "the others are stored")
			assert.Equal(t, 1, r.Deleted)
			assert.Len(t, b.held(), 5)

			_, err = b.Sync(t.Context(), texts{"a": "!broken"})
			require.ErrorContains(t, err, "a: broken")
			assert.Len(t, b.held(), 5, "nothing was read: nothing is deleted")
			_, err = b.Sync(t.Context(), texts{})
			require.ErrorContains(t, err, "no documents")
			assert.Len(t, b.held(), 5)
		})
	}
}

func TestIndexWithoutSources(t *testing.T) {
	for name, setup := range incremental(t) {
		t.Run(name, func(t *testing.T) {
			b := setup()
			plain := func(texts ...string) (l list) {
				for _, text := range texts {
					l = append(l, schema.Document{PageContent: text})
				}
				return l
			}
			r, err := b.Add(t.Context(), plain("x\nx", "y"))
			require.NoError(t, err)
			assert.Equal(t, 3, r.Added)
			r, err = b.Add(t.Context(), plain("z", "y"))
			require.NoError(t, err)
			assert.Equal(t, 1, r.Added, "y is stored")
			assert.Len(t, b.held(), 4, "another loader's documents are not taken for old versions")
			r, err = b.Sync(t.Context(), plain("y", "y"))
			require.NoError(t, err)
			assert.Equal(t, 3, r.Deleted)
			assert.Equal(t, 1, r.Added)
			assert.Len(t, b.held(), 2)
		})
	}
}

func TestChangedMetadataIsAChange(t *testing.T) {
	for name, setup := range incremental(t) {
		t.Run(name, func(t *testing.T) {
			b := setup()
			for page := range 2 {
				d := document("a.pdf", "text")
				d.Metadata["page"] = page
				r, err := b.Add(t.Context(), list{d})
				require.NoError(t, err)
				assert.Equal(t, 1, r.Added, "an answer names the page")
				assert.Equal(t, page, r.Deleted)
				assert.Equal(t, map[string]any{"source": "a.pdf", "page": page}, d.Metadata, "the loader's map is its own")
			}
		})
	}
}

func TestSourceThatComesBack(t *testing.T) {
	b := incremental(t)["chromem with ids of the index"]()
	again := index.Join(texts{"a": "same\nx"}, nil, texts{"b": "b"}, texts{"a": "same\ny"})
	r, err := b.Add(t.Context(), again)
	require.NoError(t, err)
	assert.Equal(t, 5, r.Added)
	r, err = b.Add(t.Context(), again)
	require.NoError(t, err)
	assert.Zero(t, r.Added)
	assert.Len(t, b.held(), 5)
}

func TestCopiesAreDeleted(t *testing.T) {
	s := &listing{remote{embedder: &counter{}}}
	x, err := index.New(nil, index.WithStore(s))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), texts{"a": "a1"})
	require.NoError(t, err)
	// As two programs leave it that add at the same time.
	_, err = s.AddDocuments(t.Context(), []schema.Document{s.docs["id-1"]})
	require.NoError(t, err)
	require.Len(t, s.docs, 2)
	r, err := x.Add(t.Context(), texts{"a": "a1"})
	require.NoError(t, err)
	assert.Equal(t, 1, r.Deleted)
	assert.Equal(t, []string{"a: a1"}, s.held())
}

// TestEachCallOfTheStoreSaysWhere: the index's own calls say no less than those
// of the wrapper.
func TestEachCallOfTheStoreSaysWhere(t *testing.T) {
	k := oteltest.New(t)
	s := vectorstore.Wrap(&listing{remote{embedder: &counter{}}}, k.Handler,
		vectorstore.WithSystem("acme"), vectorstore.WithCollection("c"), vectorstore.WithServer("db.internal", 1234))
	x, err := index.New(k.Handler, index.WithStore(s), index.WithNameSpace("tenant"))
	require.NoError(t, err)
	for _, text := range []string{"1", "2"} {
		_, err = x.Add(t.Context(), texts{"a": text})
		require.NoError(t, err)
	}
	calls := map[string]bool{}
	for _, span := range k.Spans.Spans() {
		operation := oteltest.Value(span, semconv.DBOperationName)
		if operation == "" {
			continue
		}
		calls[operation] = true
		for key, want := range map[attribute.Key]string{
			semconv.DBSystemName: "acme", semconv.DBCollectionName: "c", semconv.DBNamespace: "tenant",
			semconv.ServerAddress: "db.internal", semconv.ServerPort: "1234",
		} {
			assert.Equal(t, want, oteltest.Value(span, key), "%s of %s", key, operation)
		}
	}
	assert.Equal(t, map[string]bool{"list": true, "add": true, "delete": true}, calls)
}

// TestOthersDocumentsAreLeftAlone: what was not stored by an index is neither
// known nor deleted.
func TestOthersDocumentsAreLeftAlone(t *testing.T) {
	s := &listing{}
	for _, id := range []any{nil, 7, "", "zz", strings.Repeat("0", 40)} {
		d := document("a", "theirs")
		d.Metadata[index.ChunkIDKey] = id
		_, err := s.AddDocuments(t.Context(), []schema.Document{d, {PageContent: "plain"}})
		require.NoError(t, err)
	}
	x, err := index.New(nil, index.WithStore(s))
	require.NoError(t, err)
	r, err := x.Sync(t.Context(), texts{"a": "ours"})
	require.NoError(t, err)
	assert.Equal(t, 1, r.Added)
	assert.Zero(t, r.Deleted)
	assert.Len(t, s.docs, 11)
}

// TestNothingKnown is the behaviour with most stores.
func TestNothingKnown(t *testing.T) {
	s := &remote{embedder: &counter{}}
	x, err := index.New(nil, index.WithStore(s), index.WithSplitter(lines{}), index.WithNameSpace("tenant"))
	require.NoError(t, err)
	for range 2 {
		r, err := x.Add(t.Context(), texts{"a": "1\n2"})
		require.NoError(t, err)
		assert.Equal(t, 2, r.Added)
	}
	assert.Len(t, s.held(), 4)
	_, err = x.Sync(t.Context(), texts{"a": "1"})
	require.ErrorContains(t, err, "index.Lister")
	assert.Equal(t, "tenant", s.options.NameSpace)
}

// TestDocumentsFromASearch: chunks that were found, and are added again, are the
// same chunks.
func TestDocumentsFromASearch(t *testing.T) {
	for name, setup := range incremental(t) {
		t.Run(name, func(t *testing.T) {
			b := setup()
			_, err := b.Add(t.Context(), texts{"a": "a1"})
			require.NoError(t, err)
			d := document("a", "a1")
			d.Metadata[index.ChunkIDKey] = "984f6c0b4a8240fa7778926ff41777c2"
			r, err := b.Add(t.Context(), list{d})
			require.NoError(t, err)
			assert.Equal(t, 1, r.Unchanged)
			assert.Len(t, d.Metadata, 2)
		})
	}
}

func TestDeleteFails(t *testing.T) {
	s := &undeletable{err: errors.New("down")}
	s.embedder = &counter{}
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(s))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), texts{"a": "1"})
	require.NoError(t, err)
	r, err := x.Add(t.Context(), texts{"a": "2"})
	require.ErrorIs(t, err, s.err)
	assert.Equal(t, 1, r.Added, "more, not less")
	s.err = nil
	r, err = x.Add(t.Context(), texts{"a": "2"})
	require.NoError(t, err)
	assert.Equal(t, 1, r.Deleted, "the next run makes up for it")
	assert.Equal(t, []string{"a: 2"}, s.held())
}

type undeletable struct {
	listing
	err error
}

func (s *undeletable) Delete(ctx context.Context, ids []string, options ...vectorstores.Option) error {
	if s.err != nil {
		return s.err
	}
	return s.listing.Delete(ctx, ids, options...)
}

func TestListOfAClosedStore(t *testing.T) {
	s, err := chromem.New(chromem.WithEmbedder(&counter{}))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(s))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), texts{"a": "1"})
	require.ErrorIs(t, err, chromem.ErrClosed)
	require.ErrorContains(t, err, "list what is stored")
}

func TestListFails(t *testing.T) {
	s := &failing{err: errors.New("no connection")}
	k := oteltest.New(t)
	x, err := index.New(k.Handler, index.WithStore(s))
	require.NoError(t, err)
	for range 2 { // The second run does not wait for the first.
		_, err = x.Add(t.Context(), texts{"a": "a1"})
		require.ErrorIs(t, err, s.err)
		assert.Zero(t, s.next, "nothing is added twice for want of a list")
	}
}

type failing struct {
	listing
	err error
}

func (s *failing) List(context.Context, func(string, map[string]any) bool, ...vectorstores.Option) error {
	return s.err
}
