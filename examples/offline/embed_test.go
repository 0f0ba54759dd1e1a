// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"math"
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
	}
	vectors, err := Embedder{}.EmbedDocuments(t.Context(), passages)
	require.NoError(t, err)
	require.Len(t, vectors, len(passages))
	for i, question := range []string{"How often should the filter be cleaned?", "How long is the warranty?", "How are hoses connected to the pump?", "ما هي مدة الضمان؟"} {
		v, err := Embedder{}.EmbedQuery(t.Context(), question)
		require.NoError(t, err)
		for j := range vectors {
			if j != i {
				assert.Greater(t, cosine(v, vectors[i]), cosine(v, vectors[j]), "%s / %s", question, passages[j])
			}
		}
	}
}

func TestVectorsAreUnitAndNeverZero(t *testing.T) {
	for _, s := range []string{"pump", "the of and", "", "؟؟", "\xff", "水", "🙂", "word word word"} {
		a, err := Embedder{}.EmbedQuery(t.Context(), s)
		require.NoError(t, err)
		require.Len(t, a, Dimensions)
		assert.InDelta(t, 1, math.Sqrt(cosine(a, a)), 1e-6, "%q", s)
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
	assert.Equal(t, map[int]float32{69: 0.42640144, 181: 0.42640144, 236: 0.30151135, 250: 0.30151135, 254: 0.6030227, 323: 0.30151135}, got)
}
