// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

var prompt = []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "hello")}

func TestWrapRecordsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		m := models.Wrap(&oteltest.Model{Latency: 250 * time.Millisecond}, k.Handler, models.WithProvider("acme"), models.WithModel("acme-1"))
		res, err := m.GenerateContent(t.Context(), prompt, llms.WithTemperature(0.5), llms.WithMaxTokens(64), llms.WithN(2), llms.WithStopWords([]string{"END"}))
		require.NoError(t, err)
		assert.Equal(t, "ok", res.Choices[0].Content)
		_, err = m.GenerateContent(t.Context(), prompt, llms.WithModel("acme-2"))
		require.NoError(t, err)
		oteltest.Golden(t, "chat", k.Full())

		durations := k.Metrics(t)["gen_ai.client.operation.duration"].(metricdata.Histogram[float64])
		require.Len(t, durations.DataPoints, 2, "one point per model")
		assert.InDelta(t, 0.25, durations.DataPoints[0].Sum, 1e-9, "the duration is the span's")
	})
}

// What the caller gets is what the inner model gave: values, error identity,
// and the options that reach it.
func TestWrapIsTransparent(t *testing.T) {
	boom, answer := errors.New("boom"), oteltest.Answer("a", 1, 1)
	for _, tc := range []struct {
		reason string
		res    *llms.ContentResponse
		err    error
	}{
		{"a response", answer, nil},
		{"an error", nil, boom},
		{"a partial response beside an error (Mistral streams)", answer, boom},
		{"nothing at all", nil, nil},
		{"a nil choice", &llms.ContentResponse{Choices: []*llms.ContentChoice{nil}}, nil},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
			var seen llms.CallOptions
			m := models.Wrap(&oteltest.Model{Respond: func(_ context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
				seen = o
				return tc.res, tc.err
			}}, k.Handler)
			res, err := m.GenerateContent(t.Context(), prompt, llms.WithTopK(7))
			assert.Same(t, tc.res, res)
			assert.Equal(t, tc.err, err)
			assert.Equal(t, 7, seen.TopK)
			assert.Nil(t, seen.StreamingFunc, "observing must not switch streaming on")
			assert.Len(t, k.Spans.Spans(), 1)
		})
	}
}

func TestStreamingIsObservedNotAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		stop := errors.New("enough")
		m := models.Wrap(&oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
			// OpenAI's stream begins with an empty chunk that only says the role.
			require.NoError(t, o.StreamingFunc(ctx, nil))
			oteltest.Sleep(ctx, 40*time.Millisecond)
			require.NoError(t, o.StreamingFunc(ctx, []byte("Hel")))
			oteltest.Sleep(ctx, 60*time.Millisecond)
			assert.ErrorIs(t, o.StreamingFunc(ctx, []byte("lo")), stop, "the caller's error reaches the model")
			return oteltest.Answer("Hello", 3, 2), nil
		}}, k.Handler)
		var chunks []string
		_, err := m.GenerateContent(t.Context(), prompt, llms.WithStreamingFunc(func(_ context.Context, c []byte) error {
			chunks = append(chunks, string(c))
			if len(chunks) == 3 {
				return stop
			}
			return nil
		}))
		require.NoError(t, err)
		assert.Equal(t, []string{"", "Hel", "lo"}, chunks)
		span := k.Span(t, "chat")
		assert.Equal(t, "0.04", oteltest.Value(span, semconv.TimeToFirstChunk))
		assert.Equal(t, "true", oteltest.Value(span, semconv.RequestStream))
		first := k.Metrics(t)["gen_ai.client.operation.time_to_first_chunk"].(metricdata.Histogram[float64])
		assert.InDelta(t, 0.04, first.DataPoints[0].Sum, 1e-9)
		further := k.Metrics(t)["gen_ai.client.operation.time_per_output_chunk"].(metricdata.Histogram[float64])
		assert.Equal(t, uint64(1), further.DataPoints[0].Count, "one record per chunk after the first")
		assert.InDelta(t, 0.06, further.DataPoints[0].Sum, 1e-9)
	})
}

// With both functions set, OpenAI's client calls both for the same text, and
// Anthropic's the one or the other: a chunk is a chunk.
func TestChunksOfBothStreamingFunctions(t *testing.T) {
	type o = llms.CallOptions
	text := func(ctx context.Context, o o, s string) { _ = o.StreamingFunc(ctx, []byte(s)) }
	both := func(ctx context.Context, o o, thought, s string) {
		chunk := []byte(s)
		_ = o.StreamingFunc(ctx, chunk)
		_ = o.StreamingReasoningFunc(ctx, []byte(thought), chunk)
	}
	for _, tc := range []struct {
		client string
		stream func(context.Context, o)
		chunks uint64
	}{
		{"openai", func(ctx context.Context, o o) {
			both(ctx, o, "", "") // the role
			both(ctx, o, "hm", "")
			both(ctx, o, "so", "Hel")
			both(ctx, o, "", "lo")
		}, 3},
		{"anthropic", func(ctx context.Context, o o) {
			_ = o.StreamingReasoningFunc(ctx, []byte("hm"), []byte{})
			text(ctx, o, "Hel")
			text(ctx, o, "lo")
		}, 3},
	} {
		t.Run(tc.client, func(t *testing.T) {
			k := oteltest.New(t)
			m := models.Wrap(&oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
				tc.stream(ctx, o)
				return oteltest.Answer("Hello", 3, 2), nil
			}}, k.Handler)
			_, err := m.GenerateContent(t.Context(), prompt, llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }),
				llms.WithStreamingReasoningFunc(func(context.Context, []byte, []byte) error { return nil }))
			require.NoError(t, err)
			further := k.Metrics(t)["gen_ai.client.operation.time_per_output_chunk"].(metricdata.Histogram[float64])
			assert.Equal(t, tc.chunks-1, further.DataPoints[0].Count)
		})
	}
}

// The client knows what it sends.
func TestWithModelIsForWhatIsNotKnown(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, chatResponse) })
	for _, tc := range []struct {
		reason  string
		model   llms.Model
		options []llms.CallOption
		want    string
	}{
		{"the client's own", openaiAt(t, server.URL), nil, "gpt-4o-mini"},
		{"the call's", openaiAt(t, server.URL), []llms.CallOption{llms.WithModel("gpt-4o")}, "gpt-4o"},
		{"nobody else knows", &oteltest.Model{}, nil, "guess"},
		{"the call's, of a client that tells nothing", &oteltest.Model{}, []llms.CallOption{llms.WithModel("m")}, "m"},
	} {
		k := oteltest.New(t)
		_, err := models.Wrap(tc.model, k.Handler, models.WithModel("guess")).GenerateContent(t.Context(), prompt, tc.options...)
		require.NoError(t, err)
		assert.Equal(t, tc.want, oteltest.Value(k.Spans.Spans()[0], semconv.RequestModel), tc.reason)
	}
}

func TestZeroOptionsAreReported(t *testing.T) {
	k := oteltest.New(t)
	_, err := models.Wrap(&oteltest.Model{}, k.Handler).GenerateContent(t.Context(), prompt, llms.WithTemperature(0), llms.WithSeed(0))
	require.NoError(t, err)
	span := k.Span(t, "chat")
	assert.Equal(t, "0", oteltest.Value(span, semconv.RequestTemperature))
	assert.Equal(t, "0", oteltest.Value(span, semconv.RequestSeed))
	assert.Empty(t, oteltest.Value(span, semconv.RequestTopP))
}

// Anthropic's client calls the streaming function on another goroutine, and
// once more after the call has returned.
func TestLateChunksOnAnotherGoroutine(t *testing.T) {
	k := oteltest.New(t)
	late := make(chan func(), 1)
	m := models.Wrap(&oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
		late <- func() { _ = o.StreamingFunc(ctx, []byte("late")) }
		return oteltest.Answer("x", 1, 1), nil
	}}, k.Handler)
	got := make(chan string, 1)
	_, err := m.GenerateContent(t.Context(), prompt, llms.WithStreamingFunc(func(_ context.Context, c []byte) error {
		got <- string(c)
		return nil
	}))
	require.NoError(t, err)
	go (<-late)()
	assert.Equal(t, "late", <-got)
}

func TestCallTakesTheModelsOwnRoad(t *testing.T) {
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim), callbacks.WithToolDefinitions(true))
	m := models.Wrap(onlyCall{}, k.Handler, models.WithModel("m"))
	answer, err := m.Call(t.Context(), "hi", llms.WithTools([]llms.Tool{{
		Type: "function", Function: &llms.FunctionDefinition{Name: "getWeather", Description: "the weather of a place"},
	}}))
	require.NoError(t, err)
	assert.Equal(t, "called with hi", answer)
	span := k.Span(t, "chat m")
	assert.Contains(t, oteltest.Value(span, semconv.ToolDefinitions), "getWeather")
	assert.JSONEq(t, `[{"role":"user","parts":[{"type":"text","content":"hi"}]}]`, oteltest.Value(span, semconv.InputMessages))
	assert.JSONEq(t, `[{"role":"assistant","parts":[{"type":"text","content":"called with hi"}],"finish_reason":""}]`, oteltest.Value(span, semconv.OutputMessages))
}

// onlyCall is a model whose Call is not GenerateContent.
type onlyCall struct{}

func (onlyCall) GenerateContent(context.Context, []llms.MessageContent, ...llms.CallOption) (*llms.ContentResponse, error) {
	return nil, errors.New("not this way")
}

func (onlyCall) Call(_ context.Context, prompt string, _ ...llms.CallOption) (string, error) {
	return "called with " + prompt, nil
}

func TestWrapTwiceAndNil(t *testing.T) {
	k := oteltest.New(t)
	inner := &oteltest.Model{}
	once := models.Wrap(inner, k.Handler)
	assert.Equal(t, once, models.Wrap(once, k.Handler))
	unrecorded, ok := models.As[*oteltest.Model](models.Wrap(inner, nil))
	assert.True(t, ok)
	assert.Same(t, inner, unrecorded)
	assert.Equal(t, once, models.Wrap(once, nil))
	assert.Nil(t, models.Wrap(nil, k.Handler))
}

// One wrapper a call, however they are put together: a second one would count
// the tokens twice.
func TestWrappersInsideWrappers(t *testing.T) {
	k := oteltest.New(t)
	inner := &oteltest.Model{}
	retried := models.Retry(models.Wrap(inner, k.Handler, models.WithModel("m")))
	for name, m := range map[string]llms.Model{
		"retry around the wrapper":   models.Wrap(retried, k.Handler),
		"wrapped again with options": models.Wrap(models.Wrap(inner, k.Handler), k.Handler, models.WithModel("m")),
	} {
		k.Spans.Reset()
		_, err := m.GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
		assert.Len(t, k.Spans.Spans(), 1, name)
		k.Span(t, "chat m")
	}
}

func TestWrappedAgainKeepsItsOptions(t *testing.T) {
	k := oteltest.New(t)
	once := models.Wrap(&oteltest.Model{}, k.Handler, models.WithProvider("acme"), models.WithModel("acme-1"))
	for _, m := range []llms.Model{
		models.Wrap(once, k.Handler, models.WithModel("acme-2")),
		models.Wrap(models.Retry(once), k.Handler, models.WithModel("acme-2")),
	} {
		k.Spans.Reset()
		_, err := m.GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
		assert.Equal(t, "acme", oteltest.Value(k.Span(t, "chat acme-2"), semconv.ProviderName))
	}
}

func TestWrapSeesThroughRetry(t *testing.T) {
	k := oteltest.New(t)
	client, err := openai.New(openai.WithToken("sk-test"), openai.WithModel("gpt-4o-mini"), openai.WithBaseURL("http://127.0.0.1:1"))
	require.NoError(t, err)
	m := models.Wrap(models.Retry(client, models.WithMaxAttempts(1)), k.Handler)
	_, err = m.Call(t.Context(), "hi")
	require.Error(t, err)
	assert.Equal(t, "openai", oteltest.Value(k.Span(t, "chat gpt-4o-mini"), semconv.ProviderName))
	assert.Implements(t, (*llms.ReasoningModel)(nil), m)
}

// The provider's own events, when it has the Handler too, enrich and do not
// repeat.
func TestWrapperAndHandlerMakeOneSpan(t *testing.T) {
	for _, missing := range []map[string]bool{nil, {"end": true, "error": true}} {
		k := oteltest.New(t)
		m := models.Wrap(&oteltest.Model{Handler: k.Handler, Missing: missing}, k.Handler)
		_, err := m.GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
		assert.Equal(t, "10", oteltest.Value(k.Span(t, "chat"), semconv.UsageInputTokens))
	}
}

func TestPanicPasses(t *testing.T) {
	k := oteltest.New(t)
	m := models.Wrap(&oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		panic("provider")
	}}, k.Handler)
	assert.PanicsWithValue(t, "provider", func() { _, _ = m.GenerateContent(t.Context(), prompt) })
	assert.Equal(t, "panic", oteltest.Value(k.Span(t, "chat"), semconv.ErrorType))
}
