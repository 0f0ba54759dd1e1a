// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/cache"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
)

// capable is a model with every optional method.
type capable struct {
	onlyCall
	embed func() ([][]float32, error)
}

var theirHandler = lccallbacks.LogHandler{}

func (capable) SupportsReasoning() bool                 { return true }
func (capable) Close() error                            { return io.EOF }
func (capable) GetCallbackHandler() lccallbacks.Handler { return theirHandler }
func (c capable) CreateEmbedding(context.Context, []string) ([][]float32, error) {
	return c.embed()
}

func wrappedEveryWay(inner llms.Model, h *callbacks.Handler) map[string]models.Model {
	return map[string]models.Model{
		"wrapped":            models.Wrap(inner, h),
		"without a handler":  models.Wrap(inner, nil),
		"retried":            models.Retry(inner),
		"wrapped retrier":    models.Wrap(models.Retry(inner), h),
		"retried wrapper":    models.Retry(models.Wrap(inner, h)),
		"two handlers":       models.Wrap(models.Wrap(inner, oteltestHandler()), h),
		"wrapped unrecorded": models.Wrap(models.Wrap(inner, nil), h),
	}
}

func oteltestHandler() *callbacks.Handler {
	h, _ := callbacks.NewHandler()
	return h
}

func TestOptionalMethodsAreKept(t *testing.T) {
	k := oteltest.New(t)
	inner := &capable{embed: func() ([][]float32, error) { return [][]float32{{1}}, nil }}
	for name, m := range wrappedEveryWay(inner, k.Handler) {
		t.Run(name, func(t *testing.T) {
			k.Spans.Reset()
			assert.True(t, llms.SupportsReasoningModel(m))
			assert.Equal(t, io.EOF, m.(io.Closer).Close())
			assert.Equal(t, theirHandler, m.(lccallbacks.HandlerHaver).GetCallbackHandler())
			e, err := embeddings.NewEmbedder(m)
			require.NoError(t, err)
			v, err := e.EmbedQuery(t.Context(), "a")
			require.NoError(t, err)
			assert.Equal(t, []float32{1}, v)
			assert.LessOrEqual(t, len(k.Spans.Spans()), 1)
		})
	}
}

// What a model lacks is as if the wrapper lacked it.
func TestOptionalMethodsAreNotInvented(t *testing.T) {
	k := oteltest.New(t)
	for name, m := range wrappedEveryWay(onlyCall{}, k.Handler) {
		t.Run(name, func(t *testing.T) {
			assert.False(t, llms.SupportsReasoningModel(m))
			assert.NoError(t, m.(io.Closer).Close())
			assert.Nil(t, m.(lccallbacks.HandlerHaver).GetCallbackHandler())
			_, err := m.CreateEmbedding(t.Context(), []string{"a"})
			require.ErrorIs(t, err, errors.ErrUnsupported)
			assert.ErrorContains(t, err, "models_test.onlyCall")
		})
	}
	assert.Empty(t, k.Spans.Spans(), "no embeddings were asked for")
}

func TestAs(t *testing.T) {
	k := oteltest.New(t)
	inner := &capable{}
	for name, m := range wrappedEveryWay(inner, k.Handler) {
		got, ok := models.As[*capable](m)
		assert.True(t, ok, name)
		assert.Same(t, inner, got, name)
		_, ok = models.As[*cache.Cacher](m)
		assert.False(t, ok, name)
	}
	got, ok := models.As[*capable](inner)
	assert.True(t, ok)
	assert.Same(t, inner, got)
	_, ok = models.As[*capable](nil)
	assert.False(t, ok)
}

func TestRetryRepeatsEmbeddings(t *testing.T) {
	for _, order := range []func(llms.Model, *callbacks.Handler) models.Model{
		func(m llms.Model, h *callbacks.Handler) models.Model { return models.Retry(models.Wrap(m, h)) },
		func(m llms.Model, h *callbacks.Handler) models.Model { return models.Wrap(models.Retry(m), h) },
	} {
		synctest.Test(t, func(t *testing.T) {
			k := oteltest.New(t)
			calls := 0
			m := order(&capable{embed: func() ([][]float32, error) {
				if calls++; calls == 1 {
					return nil, llms.NewError(llms.ErrCodeRateLimit, "acme", "slow down")
				}
				return [][]float32{{1}}, nil
			}}, k.Handler)
			v, err := m.CreateEmbedding(t.Context(), []string{"a"})
			require.NoError(t, err)
			assert.Equal(t, [][]float32{{1}}, v)
			assert.Equal(t, 2, calls)
			span := k.Span(t, "embeddings")
			require.Len(t, span.Events(), 1)
			assert.Equal(t, "retry", span.Events()[0].Name)
			assert.Contains(t, k.Metrics(t), "spanloom.retries")
		})
	}
}
