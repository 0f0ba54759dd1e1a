// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
	"github.com/tmc/langchaingo/vectorstores"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func TestTenThousandChunksAreOneReadableTrace(t *testing.T) {
	k := oteltest.New(t)
	store, err := chromem.New(chromem.WithEmbedder(retrieval.WrapEmbedder(&oteltest.Embedder{}, k.Handler)))
	require.NoError(t, err)
	x, err := index.New(k.Handler, index.WithStore(store))
	require.NoError(t, err)
	for _, tc := range []struct{ batches, added, unchanged int }{{100, 10_000, 0}, {0, 0, 10_000}} {
		k.Spans.Reset()
		r, err := x.Add(t.Context(), numbered(10_000))
		require.NoError(t, err)
		assert.Equal(t, 10_000, r.Documents)
		assert.Equal(t, 1_000, r.Sources)
		assert.Equal(t, tc.added, r.Added)
		assert.Equal(t, tc.unchanged, r.Unchanged)

		roots := spantree.Build(k.Spans.Spans())
		require.Len(t, roots, 1)
		counts := map[string]int{}
		for _, n := range roots[0].Children {
			counts[n.Span.Name()]++
			for _, below := range n.Children {
				counts[n.Span.Name()+" > "+below.Span.Name()]++
				assert.Empty(t, below.Children)
			}
		}
		want := map[string]int{"list documents": 1, "execute_task load": 1}
		if tc.batches > 0 {
			want["add documents"], want["add documents > embeddings"] = tc.batches, tc.batches
		}
		assert.Equal(t, want, counts)
		assert.Len(t, k.Spans.Spans(), 3+2*tc.batches)
	}
}

// sink is a store that keeps nothing, and watches the heap.
type sink struct {
	mu    sync.Mutex
	calls int
	every int  // looks at each such call
	live  bool // collects garbage first
	peak  uint64
}

func (s *sink) AddDocuments(_ context.Context, docs []schema.Document, _ ...vectorstores.Option) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls++; s.calls%s.every == 0 {
		s.look()
	}
	return make([]string, len(docs)), nil
}

func (*sink) SimilaritySearch(context.Context, string, int, ...vectorstores.Option) ([]schema.Document, error) {
	return nil, nil
}

func (s *sink) look() {
	if s.live {
		runtime.GC()
	}
	s.peak = max(s.peak, heap())
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// dropped takes spans to their end and forgets them, as an exporter does.
type dropped struct{}

func (dropped) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (dropped) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (dropped) Shutdown(context.Context) error                  { return nil }
func (dropped) ForceFlush(context.Context) error                { return nil }

// quarters is a loader of documents that the splitter cuts into four chunks of
// about 500 characters, made when they are asked for.
func quarters(chunks int) index.LoaderFunc {
	return func(context.Context) iter.Seq2[schema.Document, error] {
		return func(yield func(schema.Document, error) bool) {
			for i := range chunks / 4 {
				var b strings.Builder
				for part := range 4 {
					fmt.Fprintf(&b, "%d/%d %s\n\n", i, part, strings.Repeat("words of a text ", 30))
				}
				if !yield(document(fmt.Sprintf("folder/file-%d.txt", i), b.String()), nil) {
					return
				}
			}
		}
	}
}

func bigIndex(t testing.TB, s vectorstores.VectorStore) *index.Index {
	t.Helper()
	h, err := callbacks.NewHandler(callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(dropped{}))))
	require.NoError(t, err)
	x, err := index.New(h, index.WithStore(s),
		index.WithSplitter(textsplitter.NewRecursiveCharacter(textsplitter.WithChunkSize(600), textsplitter.WithChunkOverlap(0))))
	require.NoError(t, err)
	return x
}

// TestMemoryDoesNotGrowWithBatches compares what is live during an ingest of
// 100 batches and of 400.
func TestMemoryDoesNotGrowWithBatches(t *testing.T) {
	if testing.Short() {
		t.Skip("collects garbage many times")
	}
	live := func(chunks int) int64 {
		s := &sink{every: 20, live: true}
		x := bigIndex(t, s)
		runtime.GC()
		before := heap()
		r, err := x.Add(t.Context(), quarters(chunks))
		require.NoError(t, err)
		require.Equal(t, chunks, r.Added)
		return int64(s.peak) - int64(before)
	}
	small, large := live(10_000), live(40_000)
	t.Logf("live at most: %d kB with 10,000 chunks, %d kB with 40,000", small/1000, large/1000)
	// 300 batches more would be 15 MB of text alone. How many of the five that may
	// be there are there when one looks is a matter of chance.
	assert.Less(t, large, small+2_000_000)
	assert.Less(t, large, int64(4_000_000))
}

// BenchmarkIngest reports the documents of 2 kB a second, and the peak of the
// heap with all garbage in it.
func BenchmarkIngest(b *testing.B) {
	for _, chunks := range []int{10_000, 40_000} {
		b.Run(fmt.Sprint(chunks), func(b *testing.B) {
			var peak uint64
			for b.Loop() {
				s := &sink{every: 5}
				if _, err := bigIndex(b, s).Add(b.Context(), quarters(chunks)); err != nil {
					b.Fatal(err)
				}
				peak = max(peak, s.peak)
			}
			b.ReportMetric(float64(chunks/4*b.N)/b.Elapsed().Seconds(), "docs/s")
			b.ReportMetric(float64(peak)/1e6, "peak-MB")
		})
	}
}
