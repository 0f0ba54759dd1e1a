// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"time"

	"github.com/tmc/langchaingo/embeddings"
)

// Dimensions is the length of every vector.
const Dimensions = 384

// ErrEmptyText is wrapped by the error for a text that is empty or blank.
var ErrEmptyText = errors.New("there is nothing to embed in an empty text")

// Embedder maps texts to vectors by hashing their words and word pairs. Texts
// that share words lie close; meaning plays no part. The zero value is ready
// and safe for concurrent use.
type Embedder struct {
	// Latency is waited for once a call.
	Latency time.Duration
}

var _ embeddings.Embedder = Embedder{}

// EmbedDocuments gives one vector a text.
func (e Embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	for i, t := range texts {
		if strings.TrimSpace(t) == "" {
			return nil, fmt.Errorf("offline: text %d of %d (counted from 0): %w", i, len(texts), ErrEmptyText)
		}
	}
	if err := wait(ctx, e.Latency); err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = embed(t)
	}
	return out, nil
}

// EmbedQuery gives the vector of one text.
func (e Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("offline: query: %w", ErrEmptyText)
	}
	if err := wait(ctx, e.Latency); err != nil {
		return nil, err
	}
	return embed(text), nil
}

const pairWeight = 0.5

func embed(text string) []float32 {
	var v vector
	list := terms(text)
	v.addAll(list, 1)
	pairs := make([]string, 0, len(list))
	for i := 1; i < len(list); i++ {
		pairs = append(pairs, list[i-1]+" "+list[i])
	}
	v.addAll(pairs, pairWeight)
	if out := v.unit(); out != nil {
		return out
	}

	// Only stop words or marks, or words whose signs cancel out: the letters
	// still tell such texts apart.
	v = vector{}
	v.addAll(trigrams(text), 1)
	if out := v.unit(); out != nil {
		return out
	}
	v = vector{}
	v.add(text, 1)
	return v.unit()
}

func trigrams(text string) []string {
	r := []rune(" " + strings.Join(strings.Fields(strings.ToLower(text)), " ") + " ")
	var out []string
	for i := 0; i+3 <= len(r); i++ {
		out = append(out, string(r[i:i+3]))
	}
	return out
}

type vector [Dimensions]float64

// addAll dampens repetitions with a square root, not a logarithm: IEEE 754
// fixes the former to the last bit on every machine. For the same reason the
// features are added in text order, never in map order.
func (v *vector) addAll(features []string, weight float64) {
	n := make(map[string]int)
	for _, f := range features {
		n[f]++
	}
	for _, f := range unique(features) {
		v.add(f, float64(weight*math.Sqrt(float64(n[f]))))
	}
}

func (v *vector) add(feature string, weight float64) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(feature))
	// The high bits of FNV-1a vary little for short words: mix before use.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	if x>>63 == 1 {
		weight = -weight
	}
	v[x%Dimensions] += weight
}

// unit gives nil for a zero vector. The conversion of each product forbids the
// fused multiply-add that some machines would use.
func (v *vector) unit() []float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x * x)
	}
	if sum < 1e-12 {
		return nil
	}
	norm := math.Sqrt(sum)
	out := make([]float32, Dimensions)
	for i, x := range v {
		out[i] = float32(x / norm)
	}
	return out
}
