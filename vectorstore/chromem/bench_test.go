// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

const (
	benchChunks     = 10_000
	benchDimensions = 384
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

// BenchmarkIngest adds 10,000 chunks of 384 dimensions, 100 in a call.
func BenchmarkIngest(b *testing.B) {
	in, e := benchDocuments(), newBenchEmbedder()
	for _, kind := range []string{"memory", "disk", "compressed"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				opts := []Option{WithEmbedder(e), WithIDs(metadataID)}
				if kind != "memory" {
					opts = append(opts, WithPersistence(b.TempDir()))
				}
				opts = append(opts, withCompression(kind == "compressed")...)
				ingest(b, in, 100, opts)
			}
			b.ReportMetric(float64(benchChunks*b.N)/b.Elapsed().Seconds(), "chunks/s")
		})
	}
}

// BenchmarkIngestOneByOne adds 1,000 chunks in a call each: two syncs of the disk
// for each.
func BenchmarkIngestOneByOne(b *testing.B) {
	in, e := benchDocuments()[:1000], newBenchEmbedder()
	for b.Loop() {
		ingest(b, in, 1, []Option{WithEmbedder(e), WithIDs(metadataID), WithPersistence(b.TempDir())})
	}
	b.ReportMetric(float64(len(in)*b.N)/b.Elapsed().Seconds(), "chunks/s")
}

func ingest(b *testing.B, in []schema.Document, size int, opts []Option) {
	b.Helper()
	s, err := New(opts...)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < len(in); i += size {
		if _, err := s.AddDocuments(b.Context(), in[i:min(i+size, len(in))]); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// benchStore has the 10,000 chunks.
func benchStore(b *testing.B, opts ...Option) *Store {
	b.Helper()
	s, err := New(append(opts, WithEmbedder(newBenchEmbedder()), WithIDs(metadataID))...)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.AddDocuments(b.Context(), benchDocuments()); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkOpen(b *testing.B) {
	for _, compress := range []bool{false, true} {
		b.Run(fmt.Sprintf("compress=%t", compress), func(b *testing.B) {
			opts := append(withCompression(compress), WithPersistence(b.TempDir()))
			if err := benchStore(b, opts...).Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s, err := New(opts...)
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	s := benchStore(b)
	for b.Loop() {
		if _, err := s.SimilaritySearch(b.Context(), "query", 4); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAll lists the ids and metadata of all, and of one source in 200.
func BenchmarkAll(b *testing.B) {
	s := benchStore(b)
	for name, filters := range map[string]any{"all": nil, "source": map[string]any{"source": "file7.md"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range s.All(b.Context(), vectorstores.WithFilters(filters)) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
