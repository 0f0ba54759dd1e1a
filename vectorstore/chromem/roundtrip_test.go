// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.etcd.io/bbolt"
)

// hashEmbedder embeds every text.
var hashEmbedder = embedderFunc(func(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		h := fnv.New64a()
		_, _ = h.Write([]byte(text))
		rnd := rand.New(rand.NewPCG(h.Sum64(), 0))
		out[i] = []float32{rnd.Float32() + 0.01, rnd.Float32() - 0.5, rnd.Float32() - 0.5}
	}
	return out, nil
})

// journey sends documents, by collection and id, through memory and disk, and
// expects the same documents at both stations.
func journey(t *testing.T, want map[string]map[string]schema.Document) {
	t.Helper()
	disk := WithPersistence(t.TempDir())
	open := func(opts ...Option) *Store {
		s, err := New(append(opts, WithEmbedder(hashEmbedder))...)
		require.NoError(t, err)
		return s
	}
	check := func(station string, s *Store) {
		t.Helper()
		require.Equal(t, want, everything(t, s), station)
		for name, stored := range want {
			var in, out []schema.Document
			for _, d := range stored {
				in = append(in, d)
			}
			found, err := s.SimilaritySearch(t.Context(), "query", len(stored), vectorstores.WithNameSpace(name))
			require.NoError(t, err)
			for _, d := range found {
				d.Score = 0
				out = append(out, d)
			}
			require.ElementsMatch(t, in, out, station)
		}
	}
	source := open(disk)
	for name, stored := range want {
		// Not from the metadata, which is arbitrary: the ids are asked for in order.
		want := slices.Sorted(maps.Keys(stored))
		next, in := slices.Clone(want), []schema.Document{}
		source.cfg.newID = func(schema.Document) (id string) {
			id, next = next[0], next[1:]
			return id
		}
		for _, id := range want {
			in = append(in, stored[id])
		}
		ids, err := source.AddDocuments(t.Context(), in, vectorstores.WithNameSpace(name))
		require.NoError(t, err)
		require.Equal(t, want, ids)
	}
	check("memory", source)
	require.NoError(t, source.Close())
	source = open(disk)
	check("disk", source)
	require.NoError(t, source.Close())
}

// generator makes documents of all that is supported, from a seed.
type generator struct{ *rand.Rand }

func (g generator) text() string {
	switch g.IntN(6) {
	case 0:
		return ""
	case 1: // Arbitrary bytes.
		b := make([]byte, g.IntN(20))
		for i := range b {
			b[i] = byte(g.Uint32())
		}
		return string(b)
	case 2: // Arbitrary characters.
		r := make([]rune, g.IntN(20))
		for i := range r {
			r[i] = rune(g.IntN(0x110000))
		}
		return string(r)
	case 3: // What escaping might stumble over.
		parts := []string{"\x00", "\ufffd", "\u2028", "<&>", `"\`, "{", reservedKey, "\r\n", "\xff", "nil", "\xed\xa0\x80"}
		return parts[g.IntN(len(parts))] + parts[g.IntN(len(parts))]
	default:
		return fmt.Sprintf("text %d", g.IntN(1000))
	}
}

func (g generator) value(depth int) any {
	n := 24
	if depth > 3 {
		n = 17
	}
	switch g.IntN(n) {
	case 0:
		return nil
	case 1, 2:
		return g.text()
	case 3:
		return g.IntN(2) == 0
	case 4:
		return int(g.Uint64())
	case 5:
		return int8(g.Uint64())
	case 6:
		return int16(g.Uint64())
	case 7:
		return int32(g.Uint64())
	case 8:
		return int64(g.Uint64())
	case 9:
		return uint(g.Uint64())
	case 10:
		return uint8(g.Uint64())
	case 11:
		return uint16(g.Uint64())
	case 12:
		return uint32(g.Uint64())
	case 13:
		return g.Uint64()
	case 14:
		return g.float()
	case 15:
		if f := float32(g.float()); !math.IsInf(float64(f), 0) {
			return f
		}
		return float32(1)
	case 16:
		t := time.Unix(g.Int64N(1<<36)-1<<35, g.Int64N(1e9)).UTC()
		if g.IntN(2) == 0 {
			t = t.In(time.FixedZone("", 60*(61+g.IntN(60))))
		}
		return t
	case 17:
		return time.Duration(g.Uint64())
	case 18:
		return []byte(g.text())
	case 19:
		return append([]any{}, list(g, func() any { return g.value(depth + 1) })...)
	case 20:
		return list(g, func() string { return strings.ToValidUTF8(g.text(), "") })
	case 21:
		return list(g, g.float)
	case 22:
		return list(g, func() []int32 { return list(g, g.Int32) })
	default:
		m := map[string]any{}
		for range g.IntN(4) {
			m[g.text()] = g.value(depth + 1)
		}
		return m
	}
}

func list[T any](g generator, element func() T) []T {
	if g.IntN(5) == 0 {
		return nil
	}
	out := make([]T, g.IntN(4))
	for i := range out {
		out[i] = element()
	}
	return out
}

// float returns any finite number.
func (g generator) float() float64 {
	special := []float64{0, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1e21, 0.1}
	if i := g.IntN(2 * len(special)); i < len(special) {
		return special[i]
	}
	if f := math.Float64frombits(g.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	return 1
}

func (g generator) documents() map[string]map[string]schema.Document {
	out := map[string]map[string]schema.Document{}
	for range 1 + g.IntN(3) {
		name := "c" + g.text()
		out[name] = map[string]schema.Document{}
		for range 1 + g.IntN(8) {
			d := schema.Document{PageContent: g.text() + "."}
			if g.IntN(10) > 0 {
				d.Metadata = map[string]any{}
			}
			for range g.IntN(6) {
				if key := g.text(); key != reservedKey && d.Metadata != nil {
					d.Metadata[key] = g.value(0)
				}
			}
			out[name][g.text()+"."] = d
		}
	}
	return out
}

// TestRoundTrip: whatever documents go in, the same come out: texts, metadata
// with its types, and ids.
func TestRoundTrip(t *testing.T) {
	rounds := uint64(150)
	if testing.Short() {
		rounds = 20
	}
	for seed := range rounds {
		want := generator{rand.New(rand.NewPCG(7, seed))}.documents()
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { journey(t, want) }) {
			return
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("collection", "id", "text", "key", "value", int64(-1), 0.5, []byte("bytes"))
	f.Add("\xff", "\x00", "\xff\xfe", "", "\x00", int64(math.MinInt64), 0.0, []byte(nil))
	f.Fuzz(func(t *testing.T, name, id, text, key, value string, i int64, x float64, data []byte) {
		if name == "" || id == "" || strings.TrimSpace(text) == "" || key == reservedKey || math.IsNaN(x) || math.IsInf(x, 0) || math.IsInf(float64(float32(x)), 0) ||
			len(name) > bbolt.MaxKeySize || len(id) > bbolt.MaxKeySize {
			t.Skip()
		}
		metadata := map[string]any{
			key: value, key + "1": i, key + "2": x, key + "3": data,
			key + "4": map[string]any{value: []any{i, int32(i), float32(x), data, nil}}, key + "5": []string{strings.ToValidUTF8(value, "")},
		}
		delete(metadata, reservedKey)
		journey(t, map[string]map[string]schema.Document{
			name: {id: {PageContent: text, Metadata: metadata}},
		})
	})
}
