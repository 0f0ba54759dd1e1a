// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func cosine(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestQuestionIsClosestToItsPassage(t *testing.T) {
	passages := []string{
		"Clean the filter every three months and rinse it with water.",
		"The warranty lasts two years from the day of purchase.",
		"Connect the hose to the pump with the brass ring.",
		"مدة الضمان سنتان من تاريخ الشراء.",
		"保修期为两年。",
	}
	questions := []string{
		"How often should the filter be cleaned?",
		"How long is the warranty?",
		"How are hoses connected to the pump?",
		"ما هي مدة الضمان؟",
		"保修期多久？",
	}
	docs, err := Embedder{}.EmbedDocuments(t.Context(), passages)
	require.NoError(t, err)
	require.Len(t, docs, len(passages))
	for i, q := range questions {
		v, err := Embedder{}.EmbedQuery(t.Context(), q)
		require.NoError(t, err)
		for j := range docs {
			if j != i {
				assert.Greater(t, cosine(v, docs[i]), cosine(v, docs[j]), "%s / %s", q, passages[j])
			}
		}
	}
}

func TestVectorsAreUnitAndNeverZero(t *testing.T) {
	for _, s := range []string{"pump", "the of and", "?", "؟؟", "a", "\xff", "水", "🙂", "word word word"} {
		a, err := Embedder{}.EmbedQuery(t.Context(), s)
		require.NoError(t, err)
		require.Len(t, a, Dimensions)
		assert.InDelta(t, 1, math.Sqrt(cosine(a, a)), 1e-6, "%q", s)
		b, err := Embedder{}.EmbedDocuments(t.Context(), []string{s})
		require.NoError(t, err)
		assert.Equal(t, a, b[0])
	}
}

// Pinned values: a change here makes stored vectors of older runs useless.
func TestVectorIsTheSameOnEveryMachine(t *testing.T) {
	v, err := Embedder{}.EmbedQuery(t.Context(), "Clean the filter, clean the pump.")
	require.NoError(t, err)
	got := map[int]float32{}
	for i, x := range v {
		if x != 0 {
			got[i] = x
		}
	}
	assert.Equal(t, map[int]float32{
		66: 0.22941573, 78: 0.45883146, 172: 0.64888567, 235: 0.22941573, 279: 0.22941573, 312: 0.45883146,
	}, got)
}

func TestEmbedErrors(t *testing.T) {
	_, err := Embedder{}.EmbedDocuments(t.Context(), []string{"a", " \n"})
	require.ErrorIs(t, err, ErrEmptyText)
	assert.ErrorContains(t, err, "text 1 of 2")
	_, err = Embedder{}.EmbedQuery(t.Context(), "")
	require.ErrorIs(t, err, ErrEmptyText)

	out, err := Embedder{}.EmbedDocuments(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, out)
}

func TestEmbedLeavesTheTextsAlone(t *testing.T) {
	texts := []string{"Line one\nline two", "Foo\tBar"}
	before := slices.Clone(texts)
	_, err := Embedder{}.EmbedDocuments(t.Context(), texts)
	require.NoError(t, err)
	assert.Equal(t, before, texts)
}

func TestTokensAndStems(t *testing.T) {
	assert.Equal(t, 8, CountTokens("Don't panic, read foo_bar. 水泵"))
	assert.Equal(t, 2, CountTokens("الضمانُ؟"))
	for _, family := range [][]string{
		{"store", "stores", "stored", "storing"},
		{"query", "queries"},
		{"configure", "configured", "configuration"},
		{"process", "processes", "processed"},
		{"box", "boxes"},
		{"run", "runs", "running"},
		{"install", "installs", "installed", "installation"},
		{"replace", "replaced", "replacement"},
		{"شركة", "الشركة", "والشركة"},
	} {
		for _, w := range family[1:] {
			assert.Equal(t, stem(fold(family[0])), stem(fold(w)), w)
		}
	}
	assert.Equal(t, []string{"samplerat", "sampl", "rat"}, terms("the SampleRate"))
}
