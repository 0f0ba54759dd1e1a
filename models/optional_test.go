// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
)

// The optional methods, one each.
type (
	reasons struct{}
	embeds  struct{}
	closes  struct{}
	handles struct{}
)

func (reasons) SupportsReasoning() bool { return true }
func (closes) Close() error             { return io.EOF }
func (embeds) CreateEmbedding(context.Context, []string) ([][]float32, error) {
	return [][]float32{{1}}, nil
}
func (handles) GetCallbackHandler() lccallbacks.Handler { return lccallbacks.SimpleHandler{} }

// Every combination: each has a type of its own.
func TestOptionalMethodsAreKeptAndNotInvented(t *testing.T) {
	type embedder interface {
		CreateEmbedding(context.Context, []string) ([][]float32, error)
	}
	methods := func(m llms.Model) [4]bool {
		_, r := m.(llms.ReasoningModel)
		_, e := m.(embedder)
		_, c := m.(io.Closer)
		_, h := m.(lccallbacks.HandlerHaver)
		return [...]bool{r, e, c, h}
	}
	k := oteltest.New(t)
	for _, inner := range []llms.Model{
		struct {
			onlyCall
		}{},
		struct {
			onlyCall
			reasons
		}{},
		struct {
			onlyCall
			embeds
		}{},
		struct {
			onlyCall
			reasons
			embeds
		}{},
		struct {
			onlyCall
			closes
		}{},
		struct {
			onlyCall
			reasons
			closes
		}{},
		struct {
			onlyCall
			embeds
			closes
		}{},
		struct {
			onlyCall
			reasons
			embeds
			closes
		}{},
		struct {
			onlyCall
			handles
		}{},
		struct {
			onlyCall
			reasons
			handles
		}{},
		struct {
			onlyCall
			embeds
			handles
		}{},
		struct {
			onlyCall
			reasons
			embeds
			handles
		}{},
		struct {
			onlyCall
			closes
			handles
		}{},
		struct {
			onlyCall
			reasons
			closes
			handles
		}{},
		struct {
			onlyCall
			embeds
			closes
			handles
		}{},
		struct {
			onlyCall
			reasons
			embeds
			closes
			handles
		}{},
	} {
		for _, m := range []llms.Model{models.Wrap(inner, k.Handler), models.Retry(inner)} {
			assert.Equal(t, methods(inner), methods(m), "%T", inner)
			assert.Equal(t, inner, m.(interface{ Unwrap() llms.Model }).Unwrap())
			if e, ok := m.(embedder); ok {
				v, err := e.CreateEmbedding(t.Context(), []string{"a"})
				require.NoError(t, err)
				assert.Equal(t, [][]float32{{1}}, v)
			}
			if c, ok := m.(io.Closer); ok {
				assert.Equal(t, io.EOF, c.Close())
			}
		}
	}
	assert.Len(t, k.Spans.Spans(), 8, "the embedding calls of wrapped models")
}
