// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/cache"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

// backend is langchaingo's cache.Backend in a map: its own in-memory one drops
// entries by time.
type backend map[string]*llms.ContentResponse

func (b backend) Get(_ context.Context, key string) *llms.ContentResponse      { return b[key] }
func (b backend) Put(_ context.Context, key string, res *llms.ContentResponse) { b[key] = res }

func TestCacheHits(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, chatResponse)
	}))
	t.Cleanup(server.Close)
	for _, tc := range []struct {
		reason string
		model  func(k *oteltest.Kit) llms.Model
		name   string
	}{
		{"around a client", func(k *oteltest.Kit) llms.Model {
			return models.Wrap(cache.New(openaiAt(t, server.URL), backend{}), k.Handler)
		}, "chat gpt-4o-mini"},
		{"around a wrapped model: both are one call", func(k *oteltest.Kit) llms.Model {
			return models.Wrap(cache.New(models.Wrap(openaiAt(t, server.URL), k.Handler), backend{}), k.Handler)
		}, "chat gpt-4o-mini"},
		{"around a wrapped model that is no client of langchaingo's", func(k *oteltest.Kit) llms.Model {
			return models.Wrap(cache.New(models.Wrap(&oteltest.Model{}, k.Handler), backend{}), k.Handler)
		}, "chat"},
		{"inside a retrier: options are not applied once more", func(k *oteltest.Kit) llms.Model {
			return models.Wrap(models.Retry(cache.New(openaiAt(t, server.URL), backend{})), k.Handler)
		}, "chat gpt-4o-mini"},
		{"around a retried client", func(k *oteltest.Kit) llms.Model {
			return models.Wrap(cache.New(models.Retry(openaiAt(t, server.URL)), backend{}), k.Handler)
		}, "chat gpt-4o-mini"},
		{"around a retried one", func(k *oteltest.Kit) llms.Model {
			return models.Wrap(cache.New(models.Retry(models.Wrap(&oteltest.Model{}, k.Handler)), backend{}), k.Handler)
		}, "chat"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			k := oteltest.New(t)
			m := tc.model(k)
			for range 3 {
				_, err := m.GenerateContent(t.Context(), prompt)
				require.NoError(t, err)
			}
			_, err := m.Call(t.Context(), "hello") // the same as the messages
			require.NoError(t, err)

			spans := k.Spans.Spans()
			require.Len(t, spans, 4, k.Tree())
			assert.Equal(t, tc.name, spans[0].Name())
			assert.Empty(t, oteltest.Value(spans[0], semconv.CacheHit))
			assert.NotEmpty(t, oteltest.Value(spans[0], semconv.UsageInputTokens))
			for _, s := range spans[1:] {
				assert.Equal(t, "true", oteltest.Value(s, semconv.CacheHit))
				assert.Empty(t, oteltest.Value(s, semconv.UsageInputTokens), "nobody was asked, nobody bills")
			}
			tokens := k.Metrics(t)["gen_ai.client.token.usage"].(metricdata.Histogram[int64])
			for _, p := range tokens.DataPoints {
				assert.Equal(t, uint64(1), p.Count)
			}
		})
	}
}

// Whether a model that is nobody's applies options cannot be known, and a hit
// that is none would hide a bill.
func TestCacheAroundAnUnknownModelCountsEveryCall(t *testing.T) {
	k := oteltest.New(t)
	m := models.Wrap(cache.New(&oteltest.Model{}, backend{}), k.Handler)
	for range 2 {
		_, err := m.GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
	}
	for _, s := range k.Spans.Spans() {
		assert.Empty(t, oteltest.Value(s, semconv.CacheHit))
		assert.Equal(t, "10", oteltest.Value(s, semconv.UsageInputTokens))
	}
}

func TestCacheBetweenTwoHandlers(t *testing.T) {
	inner, outer := oteltest.New(t), oteltest.New(t, callbacks.WithContent(privacy.None))
	m := models.Wrap(cache.New(models.Wrap(&oteltest.Model{}, inner.Handler), backend{}), outer.Handler)
	for range 2 {
		_, err := m.GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
	}
	assert.Len(t, inner.Spans.Spans(), 1, "what the model was asked")
	require.Len(t, outer.Spans.Spans(), 2)
	assert.Equal(t, "true", oteltest.Value(outer.Spans.Spans()[1], semconv.CacheHit))
}

// Each attempt asks the cache anew, and all are one call.
func TestRetriedCacheIsOneSpan(t *testing.T) {
	limited := llms.NewError(llms.ErrCodeRateLimit, "p", "slow down")
	for _, tc := range []struct {
		reason         string
		errs           []error
		meanwhile, hit bool // somebody else fills the cache before the second attempt
	}{
		{"the second attempt asks the model", []error{limited}, false, false},
		{"so does the third", []error{limited, limited}, false, false},
		{"the second attempt finds what somebody else has asked", []error{limited}, true, true},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				calls, kept := 0, backend{}
				model := flaky(&calls, tc.errs...)
				if ask := model.Respond; tc.meanwhile {
					model.Respond = func(ctx context.Context, messages []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
						_, _ = cache.New(&oteltest.Model{}, kept).GenerateContent(ctx, messages)
						return ask(ctx, messages, o)
					}
				}
				inner := models.Wrap(model, k.Handler, models.WithModel("m"))
				m := models.Wrap(models.Retry(cache.New(inner, kept)), k.Handler, models.WithModel("m"))
				_, err := m.GenerateContent(t.Context(), prompt)
				require.NoError(t, err)
				span := k.Span(t, "chat m")
				assert.Len(t, k.Spans.Spans(), 1)
				hit, tokens := "", "1"
				if tc.hit {
					hit, tokens = "true", ""
				}
				assert.Equal(t, hit, oteltest.Value(span, semconv.CacheHit))
				assert.Equal(t, tokens, oteltest.Value(span, semconv.UsageInputTokens))
			})
		})
	}
}

// What a model in the cache asks in turn is not the cache's call.
func TestCallsBelowACachedModelAreTheirOwn(t *testing.T) {
	k := oteltest.New(t)
	below := models.Wrap(&oteltest.Model{}, k.Handler, models.WithModel("below"))
	router := models.Wrap(&oteltest.Model{Respond: func(ctx context.Context, messages []llms.MessageContent, _ llms.CallOptions) (*llms.ContentResponse, error) {
		return below.GenerateContent(ctx, messages)
	}}, k.Handler, models.WithModel("router"))
	_, err := models.Wrap(cache.New(router, backend{}), k.Handler).GenerateContent(t.Context(), prompt)
	require.NoError(t, err)
	assert.Len(t, k.Spans.Spans(), 2)
	k.Span(t, "chat below")
}
