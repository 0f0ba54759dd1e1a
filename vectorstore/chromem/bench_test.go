// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

const (
	benchChunks     = 10_000
	benchDimensions = 384
	benchBatch      = 100
)

// benchEmbedder takes no time, and returns what a model might.
type benchEmbedder struct{ vectors [][]float32 }

func newBenchEmbedder() benchEmbedder {
	rnd := rand.New(rand.NewPCG(1, 1))
	e := benchEmbedder{make([][]float32, benchChunks)}
	for i := range e.vectors {
		e.vectors[i] = make([]float32, benchDimensions)
		for j := range e.vectors[i] {
			e.vectors[i][j] = float32(rnd.NormFloat64())
		}
	}
	return e
}

func (e benchEmbedder) EmbedDocuments(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		h := fnv.New64a()
		_, _ = h.Write([]byte(text))
		out[i] = e.vectors[1+h.Sum64()%uint64(len(e.vectors)-1)]
	}
	return out, nil
}

func (e benchEmbedder) EmbedQuery(context.Context, string) ([]float32, error) {
	return e.vectors[0], nil
}

func benchDocuments() []schema.Document {
	words := strings.Fields(strings.Repeat("the quick brown fox jumps over a lazy dog and looks back ", 20))
	rnd := rand.New(rand.NewPCG(2, 2))
	out := make([]schema.Document, benchChunks)
	for i := range out {
		rnd.Shuffle(len(words), func(a, b int) { words[a], words[b] = words[b], words[a] })
		out[i] = schema.Document{
			PageContent: strings.Join(words[:100+rnd.IntN(100)], " "),
			Metadata:    map[string]any{"source": fmt.Sprintf("file%d.md", i/50), "chunk": i, "id": fmt.Sprint(i)},
		}
	}
	return out
}

// benchStores are this package's store and a database of chromem-go itself, which
// are given the same documents.
type benchStores struct {
	tb   testing.TB
	e    benchEmbedder
	in   []schema.Document
	docs []chromemgo.Document
}

func newBenchStores(tb testing.TB) *benchStores {
	tb.Helper()
	s := &benchStores{tb: tb, e: newBenchEmbedder(), in: benchDocuments()}
	for _, d := range s.in {
		vectors, _ := s.e.EmbedDocuments(tb.Context(), []string{d.PageContent})
		unit, err := normalize(vectors[0])
		s.check(err)
		s.docs = append(s.docs, chromemgo.Document{
			ID: metadataID(d), Content: d.PageContent, Embedding: unit,
			Metadata: map[string]string{"source": d.Metadata["source"].(string), "chunk": fmt.Sprint(d.Metadata["chunk"]), "id": metadataID(d)},
		})
	}
	return s
}

func (s *benchStores) check(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
}

func (s *benchStores) ours(opts ...Option) *Store {
	s.tb.Helper()
	store, err := New(append(opts, WithEmbedder(s.e), WithIDs(metadataID))...)
	s.check(err)
	return store
}

func (s *benchStores) theirs(dir string) *chromemgo.DB {
	s.tb.Helper()
	db, err := chromemgo.NewPersistentDB(dir, false)
	s.check(err)
	return db
}

func (s *benchStores) addOurs(store *Store, n int) {
	s.tb.Helper()
	for batch := range slices.Chunk(s.in[:n], benchBatch) {
		_, err := store.AddDocuments(s.tb.Context(), batch)
		s.check(err)
	}
}

func (s *benchStores) addTheirs(db *chromemgo.DB, n int) {
	s.tb.Helper()
	col, err := db.GetOrCreateCollection(defaultCollection, nil, noEmbedder)
	s.check(err)
	for batch := range slices.Chunk(s.docs[:n], benchBatch) {
		s.check(col.AddDocuments(s.tb.Context(), batch, runtime.GOMAXPROCS(0)))
	}
}

// ratio reports how much longer ours takes than theirs: the median of the
// quotients of calls one after the other, which take turns to be the first.
func ratio(b *testing.B, ours, theirs func()) {
	b.Helper()
	timed := func(f func()) float64 {
		start := time.Now()
		f()
		return time.Since(start).Seconds()
	}
	var took, quotients []float64
	for b.Loop() {
		var a, c float64
		if len(took)%2 == 0 {
			a, c = timed(ours), timed(theirs)
		} else {
			c, a = timed(theirs), timed(ours)
		}
		took, quotients = append(took, a), append(quotients, a/c)
	}
	slices.Sort(took)
	slices.Sort(quotients)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1000*took[len(took)/2], "ms")
	b.ReportMetric(quotients[len(quotients)/2], "x-chromem-go")
}

// BenchmarkAgainstChromemGo compares with chromem-go's own database. Search is in
// memory, over 10,000 documents of 384 dimensions, and over 2,000 of them with
// the same vector. Add is of 2,000 on disk, 100 in a call. Open is of 10,000. The
// goals are 1.05 for a search, and less than 1 on disk, although chromem-go syncs
// nothing.
func BenchmarkAgainstChromemGo(b *testing.B) {
	s := newBenchStores(b)
	const added = 2000
	b.Run("search", func(b *testing.B) {
		store := s.ours()
		s.addOurs(store, benchChunks)
		s.search(b, store)
	})
	b.Run("search equal vectors", func(b *testing.B) {
		equal := &benchStores{tb: b, e: benchEmbedder{[][]float32{s.e.vectors[0], s.e.vectors[0]}}, in: s.in}
		store := equal.ours()
		equal.addOurs(store, added)
		equal.search(b, store)
	})
	b.Run("add", func(b *testing.B) {
		ratio(b, func() {
			store := s.ours(WithPersistence(b.TempDir()))
			s.addOurs(store, added)
			s.check(store.Close())
		}, func() { s.addTheirs(s.theirs(b.TempDir()), added) })
	})
	b.Run("open", func(b *testing.B) {
		ourDir, theirDir := b.TempDir(), b.TempDir()
		store := s.ours(WithPersistence(ourDir))
		s.addOurs(store, benchChunks)
		s.check(store.Close())
		s.addTheirs(s.theirs(theirDir), benchChunks)
		ratio(b, func() { s.check(s.ours(WithPersistence(ourDir)).Close()) }, func() { s.theirs(theirDir) })
	})
}

// search compares with a search of the collection that the store has inside.
func (s *benchStores) search(b *testing.B, store *Store) {
	b.Helper()
	col := store.get(defaultCollection)
	ratio(b, func() {
		_, err := store.SimilaritySearch(b.Context(), "query", 4)
		s.check(err)
	}, func() {
		_, err := col.QueryEmbedding(b.Context(), s.e.vectors[0], 4, nil, nil)
		s.check(err)
	})
}

// BenchmarkMemory reports how much memory 10,000 documents take.
func BenchmarkMemory(b *testing.B) {
	s := newBenchStores(b)
	dir := b.TempDir()
	store := s.ours(WithPersistence(dir))
	s.addOurs(store, benchChunks)
	s.check(store.Close())
	theirDir := b.TempDir()
	s.addTheirs(s.theirs(theirDir), benchChunks)
	for b.Loop() {
		ours := heapOf(func() any { return s.ours(WithPersistence(dir)) }, func(v any) { s.check(v.(*Store).Close()) })
		theirs := heapOf(func() any { return s.theirs(theirDir) }, func(any) {})
		b.ReportMetric(float64(ours)/(1<<20), "MiB")
		b.ReportMetric(float64(ours)/float64(theirs), "x-chromem-go")
	}
	b.ReportMetric(0, "ns/op")
}

func heapOf(open func() any, end func(any)) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	v := open()
	runtime.GC()
	runtime.ReadMemStats(&after)
	end(v)
	return after.HeapAlloc - before.HeapAlloc
}

// BenchmarkAll lists the ids and metadata of all, and of one source in 200.
func BenchmarkAll(b *testing.B) {
	s := newBenchStores(b)
	store := s.ours()
	s.addOurs(store, benchChunks)
	for name, filters := range map[string]any{"all": nil, "source": map[string]any{"source": "file7.md"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range store.All(b.Context(), vectorstores.WithFilters(filters)) {
					s.check(err)
				}
			}
		})
	}
}
