// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// withLedger indexes a store anew, as another process would.
func withLedger(t *testing.T, s vectorstores.VectorStore, path string) *index.Index {
	t.Helper()
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(s), index.WithLedger(path),
		index.WithSplitter(lines{}), index.WithBatchSize(2), index.WithConcurrency(1))
	require.NoError(t, err)
	return x
}

func TestLedgerFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	s := &deleting{remote{embedder: &counter{}}}
	x := withLedger(t, s, path)
	_, err := x.Add(t.Context(), texts{"سعر.md": "مرحبا", "b": "b1"})
	require.NoError(t, err)
	_, err = x.Add(t.Context(), texts{"b": ""})
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"spanloom_ledger":1}`,
		`{"chunk":"984f6c0b4a8240fa7778926ff41777c2","id":"id-1","source":"b"}`,
		`{"chunk":"5e06e26118878f2603ab5eed796e7339","id":"id-2","source":"سعر.md"}`,
		`{"chunk":"984f6c0b4a8240fa7778926ff41777c2","id":"id-1","gone":true}`, "",
	}, strings.Split(string(text), "\n"), "ids and format stay the same between versions: a change embeds everything again")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "names of sources are private")
}

// TestTornLedger cuts the file at each byte, as a crash may: what is whole
// counts, the rest is stored again, and the file is whole afterwards.
func TestTornLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	load := texts{"a": "1\n2\n3", "b": "4"}
	_, err := withLedger(t, &remote{embedder: &counter{}}, path).Add(t.Context(), load)
	require.NoError(t, err)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for n := range whole {
		for _, tail := range []string{"", "\x00\x00", "\x00\n"} {
			require.NoError(t, os.WriteFile(path, append(whole[:n:n], tail...), 0o600))
			if tail != "" && (n <= strings.IndexByte(string(whole), '\n') || n%7 != 0) {
				continue // A head with garbage is somebody else's file.
			}
			s := &remote{embedder: &counter{}}
			added, err := withLedger(t, s, path).Add(t.Context(), load)
			require.NoError(t, err, "%d %q", n, tail)
			known := max(0, strings.Count(string(whole[:n]), "\n")-1)
			require.Equal(t, 4-known, added, "%d %q", n, tail)
			added, err = withLedger(t, s, path).Add(t.Context(), load)
			require.NoError(t, err)
			require.Zero(t, added)
		}
	}
}

func TestLedgersThatAreRefused(t *testing.T) {
	const head = `{"spanloom_ledger":1,"collection":"notes","name_space":"tenant"}` + "\n"
	const line = `{"chunk":"92ff1fc1b5b77d3cdd05e5a09ef9cd28","id":"1"}` + "\n"
	for _, tc := range []struct{ reason, text, want string }{
		{"another file", "my notes\n", "not a ledger"},
		{"another file without an end", "{}", "not a ledger"},
		{"a newer version", `{"spanloom_ledger":2}` + "\n", "version 2"},
		{"another collection", strings.Replace(head, "notes", "others", 1), `"others", not of "notes"`},
		{"another name space", strings.Replace(head, "tenant", "others", 1), `name space "others", not of "tenant"`},
		{"no name space", `{"spanloom_ledger":1,"collection":"notes"}` + "\n", `name space "", not of "tenant"`},
		{"damage in the middle", head + line + "{\n" + line, "line 3 is damaged"},
		{"a short id", head + `{"chunk":"92"}` + "\n" + line, "line 2 is damaged (no id of a chunk)"},
		{"a long id", head + strings.Replace(line, "92", "929292", 1) + line, "line 2 is damaged (no id of a chunk)"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger")
			require.NoError(t, os.WriteFile(path, []byte(tc.text), 0o600))
			k := oteltest.New(t)
			s := &remote{embedder: &counter{}}
			x, err := index.New(k.Handler, index.WithLedger(path), index.WithNameSpace("tenant"),
				index.WithStore(vectorstore.Wrap(s, k.Handler, vectorstore.WithCollection("notes"))))
			require.NoError(t, err)
			for range 2 {
				_, err = x.Add(t.Context(), texts{"a": "a1"})
				require.ErrorContains(t, err, tc.want)
				assert.ErrorContains(t, err, path)
			}
			assert.Empty(t, s.docs)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, tc.text, string(text), "the file is not touched")
		})
	}
	x := withLedger(t, &remote{}, filepath.Join(t.TempDir(), "none", "ledger"))
	_, err := x.Add(t.Context(), texts{"a": "a1"})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = withLedger(t, &remote{}, os.DevNull).Add(t.Context(), texts{"a": "a1"})
	assert.ErrorContains(t, err, "not a regular file")
}

// TestLedgerPerNameSpace: what one tenant has stored, another has not, and a file
// for both would have it deleted from under the first.
func TestLedgerPerNameSpace(t *testing.T) {
	dir := t.TempDir()
	s := &deleting{remote{embedder: &counter{}}}
	newIndex := func(tenant, file string) *index.Index {
		x, err := index.New(nil, index.WithStore(s), index.WithNameSpace(tenant), index.WithLedger(filepath.Join(dir, file)))
		require.NoError(t, err)
		return x
	}
	for _, want := range []int{1, 0} {
		n, err := newIndex("a", "ledger of a").Add(t.Context(), texts{"x": "1"})
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
	n, err := newIndex("b", "ledger of b").Add(t.Context(), texts{"x": "1"})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	for _, tenant := range []string{"b", ""} {
		_, err = newIndex(tenant, "ledger of a").Sync(t.Context(), texts{"y": "2"})
		require.ErrorContains(t, err, "use one for each")
	}
	assert.Equal(t, []string{"x: 1", "x: 1"}, s.held())
}

func TestLedgerIsRewritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	s := &deleting{remote{embedder: &counter{}}}
	size := func() int64 {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Size()
	}
	x := withLedger(t, s, path)
	many := strings.TrimSuffix(strings.Repeat("line\n", 600), "\n")
	for range 2 {
		_, err := x.Add(t.Context(), texts{"a": many, "b": "b1"})
		require.NoError(t, err)
		_, err = x.Add(t.Context(), texts{"a": ""})
		require.NoError(t, err)
	}
	large := size()
	n, err := x.Add(t.Context(), texts{"a": "", "b": "b1"})
	require.NoError(t, err)
	assert.Zero(t, n, "what counts is kept")
	assert.Less(t, size(), large/100)
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no temporary file is left")
}

// A store such as Milvus' tells no ids: its chunks can be known, not deleted.
func TestLedgerWithoutIDs(t *testing.T) {
	s := &silent{deleting{remote{embedder: &counter{}}}}
	x := withLedger(t, s, filepath.Join(t.TempDir(), "ledger"))
	_, err := x.Add(t.Context(), texts{"a": "a1"})
	require.NoError(t, err)
	r, err := x.Update(t.Context(), texts{"a": "a2"})
	require.NoError(t, err)
	assert.Equal(t, 1, r.Added)
	assert.Equal(t, 1, r.Stale)
}

type silent struct{ deleting }

func (s *silent) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	_, err := s.deleting.AddDocuments(ctx, docs, options...)
	return nil, err
}

func TestLedgerIsNotUsedBesideAList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	s, err := chromem.New(chromem.WithEmbedder(&counter{}))
	require.NoError(t, err)
	_, err = withLedger(t, s, path).Add(t.Context(), texts{"a": "a1"})
	require.NoError(t, err)
	assert.NoFileExists(t, path)
}

// The fake store of the other tests, which gives every document the same id.
func TestLedgerWithAStoreOfEqualIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	for _, want := range []int{3, 0} {
		n, err := withLedger(t, &oteltest.Store{}, path).Add(t.Context(), texts{"a": "1\n2\n2"})
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
}

// FuzzLedger opens files of any content: they are refused and stay as they are,
// or they serve.
func FuzzLedger(f *testing.F) {
	f.Add([]byte(`{"spanloom_ledger":1}` + "\n" + `{"chunk":"984f6c0b4a8240fa7778926ff41777c2","id":"id-1","source":"b"}` + "\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "ledger")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		s := &deleting{remote{embedder: &counter{}}}
		if _, err := withLedger(t, s, path).Add(t.Context(), texts{"a": "1\n2"}); err != nil {
			after, e := os.ReadFile(path)
			require.NoError(t, e)
			require.Equal(t, data, after)
			return
		}
		n, err := withLedger(t, s, path).Add(t.Context(), texts{"a": "1\n2"})
		require.NoError(t, err)
		require.Zero(t, n)
	})
}
