// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/models"
)

// logged is a user's decorator.
type logged struct{ llms.Model }

// fallback asks its models in turn.
type fallback []llms.Model

func (f fallback) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (res *llms.ContentResponse, err error) {
	for _, m := range f {
		if res, err = m.GenerateContent(ctx, messages, options...); err == nil {
			return res, nil
		}
	}
	return res, err
}

func (f fallback) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, f, prompt, options...)
}

// both asks all its models, and adds up what they used.
type both []llms.Model

func (b both) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	for _, m := range b {
		if _, err := m.GenerateContent(ctx, messages, options...); err != nil {
			return nil, err
		}
	}
	return oteltest.Answer("both", 1000*len(b), 100*len(b)), nil
}

func (b both) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, b, prompt, options...)
}

func answering(input, output int) *oteltest.Model {
	return &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return oteltest.Answer("ok", input, output), nil
	}}
}

// noUsage is a client that tells no tokens.
func noUsage() llms.Model {
	return &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: "ok"}}}, nil
	}}
}

// Each request counts once, where it was made, and every chat has its span.
func TestNestedChatsCountEachRequestOnce(t *testing.T) {
	failing := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return nil, errors.New("down")
	}}
	for _, tc := range []struct {
		name                 string
		model                func(wrap func(llms.Model) llms.Model) llms.Model
		spans, calls, tokens int // of two calls
	}{
		{"one model", func(wrap func(llms.Model) llms.Model) llms.Model { return wrap(answering(1000, 100)) }, 2, 2, 2200},
		{"a decorator", func(wrap func(llms.Model) llms.Model) llms.Model {
			return wrap(logged{wrap(answering(1000, 100))})
		}, 4, 2, 2200},
		{"two decorators", func(wrap func(llms.Model) llms.Model) llms.Model {
			return wrap(logged{wrap(logged{wrap(answering(1000, 100))})})
		}, 6, 2, 2200},
		{"a fallback", func(wrap func(llms.Model) llms.Model) llms.Model {
			return wrap(fallback{wrap(failing), wrap(answering(1000, 100))})
		}, 6, 4, 2200},
		{"two requests", func(wrap func(llms.Model) llms.Model) llms.Model {
			return wrap(both{wrap(answering(1000, 100)), wrap(answering(1000, 100))})
		}, 6, 4, 4400},
		{"a router around a model that is not wrapped", func(wrap func(llms.Model) llms.Model) llms.Model {
			return wrap(logged{answering(1000, 100)})
		}, 2, 2, 2200},
		{"only the outer one knows the tokens", func(wrap func(llms.Model) llms.Model) llms.Model {
			return wrap(both{wrap(noUsage())})
		}, 4, 2, 2200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			prices, err := metrics.NewPrices(metrics.Price{Model: "m", Input: 1, Output: 1})
			require.NoError(t, err)
			reader := sdkmetric.NewManualReader()
			recorder, err := metrics.NewRecorder(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), metrics.WithPrices(prices))
			require.NoError(t, err)
			k := oteltest.New(t, callbacks.WithRecorder(recorder))
			m := tc.model(func(m llms.Model) llms.Model { return models.Wrap(m, k.Handler, models.WithModel("m")) })
			ctx, agent := k.Handler.Start(t.Context(), callbacks.KindAgent, "a")
			for range 2 {
				_, err := m.GenerateContent(ctx, prompt)
				require.NoError(t, err)
			}
			agent.End(nil)

			assert.Len(t, k.Spans.Spans(), tc.spans+1)
			sum := 0
			for _, s := range k.Spans.Spans() {
				if s.Name() != "chat m" {
					continue
				}
				in, _ := spantree.Attribute(s, semconv.UsageInputTokens)
				out, _ := spantree.Attribute(s, semconv.UsageOutputTokens)
				sum += int(in.AsInt64() + out.AsInt64())
			}
			assert.Equal(t, tc.tokens, sum, "over the chats")

			span := k.Span(t, "invoke_agent a")
			iterations, _ := spantree.Attribute(span, semconv.AgentIterations)
			assert.EqualValues(t, tc.calls, iterations.AsInt64())
			cost, _ := spantree.Attribute(span, semconv.CostTotal)
			assert.InDelta(t, float64(tc.tokens)*1e-6, cost.AsFloat64(), 1e-12)

			var rm metricdata.ResourceMetrics
			require.NoError(t, reader.Collect(t.Context(), &rm))
			var recorded int64
			for _, m := range rm.ScopeMetrics[0].Metrics {
				if m.Name == "gen_ai.client.token.usage" {
					for _, p := range m.Data.(metricdata.Histogram[int64]).DataPoints {
						recorded += p.Sum
					}
				}
			}
			assert.EqualValues(t, tc.tokens, recorded, "in the metric")
		})
	}
}

// A second Handler counts for itself.
func TestHandlersDoNotAddToEachOther(t *testing.T) {
	a, b := oteltest.New(t), oteltest.New(t)
	ctx, agent := b.Handler.Start(t.Context(), callbacks.KindAgent, "b")
	_, err := models.Wrap(models.Wrap(answering(1000, 100), a.Handler), b.Handler).GenerateContent(ctx, prompt)
	require.NoError(t, err)
	agent.End(nil)
	assert.Equal(t, "1000", oteltest.Value(a.Span(t, "chat"), semconv.UsageInputTokens))
	assert.Equal(t, "1000", oteltest.Value(b.Span(t, "chat"), semconv.UsageInputTokens))
	assert.Equal(t, "1", oteltest.Value(b.Span(t, "invoke_agent b"), semconv.AgentIterations))
}
