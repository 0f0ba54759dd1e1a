// SPDX-License-Identifier: Apache-2.0

package vectorstore_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

const (
	benchDocuments  = 10_000
	benchDimensions = 384
	benchTopK       = 4
)

// noise is an embedder that costs next to nothing.
type noise struct{ query []float32 }

func (n noise) EmbedQuery(context.Context, string) ([]float32, error) { return n.query, nil }

func (noise) EmbedDocuments(_ context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, err
		}
		vectors[i] = randomVector(seed)
	}
	return vectors, nil
}

func randomVector(seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	v := make([]float32, benchDimensions)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func benchStore(b *testing.B) vectorstores.VectorStore {
	b.Helper()
	s, err := chromem.New(chromem.WithEmbedder(noise{randomVector(benchDocuments)}))
	require.NoError(b, err)
	docs := make([]schema.Document, benchDocuments)
	for i := range docs {
		docs[i] = schema.Document{PageContent: strconv.Itoa(i), Metadata: map[string]any{"source": "bench"}}
	}
	_, err = s.AddDocuments(b.Context(), docs)
	require.NoError(b, err)
	return s
}

// discard is a processor: without one the SDK skips most of its work.
type discard struct{}

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (discard) Shutdown(context.Context) error                  { return nil }
func (discard) ForceFlush(context.Context) error                { return nil }

// timed notes how long the last search of the store inside took.
type timed struct {
	vectorstores.VectorStore
	took time.Duration
}

func (s *timed) SimilaritySearch(ctx context.Context, query string, n int, options ...vectorstores.Option) ([]schema.Document, error) {
	start := time.Now()
	defer func() { s.took = time.Since(start) }()
	return s.VectorStore.SimilaritySearch(ctx, query, n, options...)
}

// BenchmarkOverhead is held to a budget of 2 % of a search. %overhead is the
// part of a wrapped search's time that is not the store's, within the same call:
// on a busy machine two searches in a row differ by more than 2 %. x-bare shows
// that; it is the quotient of the medians of a wrapped search and of a bare one,
// which take turns.
func BenchmarkOverhead(b *testing.B) {
	inner := benchStore(b)
	for _, f := range []struct {
		name   string
		policy callbacks.Policy
	}{{"recording", callbacks.None}, {"recording with content", callbacks.Verbatim}} {
		b.Run(f.name, func(b *testing.B) {
			h, err := callbacks.NewHandler(callbacks.WithContent(f.policy),
				callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(discard{}))),
				callbacks.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))))
			require.NoError(b, err)
			bare := &timed{VectorStore: inner}
			wrapped := &timed{VectorStore: vectorstore.Wrap(bare, h)}
			search := func(s *timed) time.Duration {
				_, err := s.SimilaritySearch(b.Context(), "query", benchTopK)
				require.NoError(b, err)
				return s.took
			}
			var alone, around, extra []time.Duration
			for b.Loop() {
				if len(alone)%2 == 0 {
					alone = append(alone, search(bare))
				}
				around = append(around, search(wrapped))
				extra = append(extra, wrapped.took-bare.took)
				if len(alone) < len(around) {
					alone = append(alone, search(bare))
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(median(alone).Microseconds()), "µs/search")
			b.ReportMetric(float64(median(extra).Nanoseconds())/1000, "µs/overhead")
			b.ReportMetric(100*float64(median(extra))/float64(median(alone)), "%overhead")
			b.ReportMetric(float64(median(around))/float64(median(alone)), "x-bare")
		})
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
