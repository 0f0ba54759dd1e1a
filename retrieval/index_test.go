// SPDX-License-Identifier: Apache-2.0

package retrieval_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/textsplitter"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func TestIndex(t *testing.T) {
	k := oteltest.New(t)
	store, err := chromem.New(chromem.WithEmbedder(retrieval.WrapEmbedder(&oteltest.Embedder{}, k.Handler, retrieval.WithModel("e1"))), chromem.WithCollection("notes"))
	require.NoError(t, err)
	var progress []string
	x, err := retrieval.NewIndex(k.Handler, retrieval.WithStore(store), retrieval.WithLLM(&oteltest.Model{}),
		retrieval.WithSplitter(textsplitter.NewRecursiveCharacter(textsplitter.WithChunkSize(4), textsplitter.WithChunkOverlap(0))),
		retrieval.WithBatchSize(2), retrieval.WithTopK(2),
		retrieval.WithProgress(func(done, total int) { progress = append(progress, fmt.Sprintf("%d/%d", done, total)) }))
	require.NoError(t, err)

	n, err := x.Add(t.Context(), documentloaders.NewText(strings.NewReader("aa bbb cccc")))
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	assert.Equal(t, []string{"2/3", "3/3"}, progress)
	a, err := x.Query(t.Context(), "aa?")
	require.NoError(t, err)
	assert.Equal(t, "ok", a.Text)
	assert.Len(t, a.Sources, 2)
	assert.Equal(t, `invoke_workflow ingest
├─ add notes
│  └─ embeddings e1
└─ add notes
   └─ embeddings e1
invoke_workflow query
├─ retrieval notes
│  └─ search notes
│     └─ embeddings e1
└─ chat
`, spantree.Render(k.Spans.Spans(), spantree.Options{}))
}

func TestIndexKeepsWhatWasStoredBeforeAnError(t *testing.T) {
	k := oteltest.New(t)
	store := &oteltest.Store{Err: errors.New("full")}
	x, err := retrieval.NewIndex(k.Handler, retrieval.WithStore(vectorstore.Wrap(store, k.Handler)))
	require.NoError(t, err)
	n, err := x.Add(t.Context(), documentloaders.NewText(strings.NewReader("text")))
	require.ErrorIs(t, err, store.Err)
	assert.Zero(t, n)
	assert.Contains(t, err.Error(), "chunks 1 to 1 of 1")
	_, err = x.Query(t.Context(), "q")
	assert.ErrorContains(t, err, "WithLLM")
}

func TestNewIndexErrors(t *testing.T) {
	for _, opts := range [][]retrieval.IndexOption{
		nil,
		{retrieval.WithStore(&oteltest.Store{}), retrieval.WithTopK(0)},
		{retrieval.WithStore(&oteltest.Store{}), retrieval.WithBatchSize(-1)},
	} {
		_, err := retrieval.NewIndex(nil, opts...)
		assert.ErrorContains(t, err, "use")
	}
}
