// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
)

// flaky fails with the errors of a list, then answers.
func flaky(calls *int, errs ...error) *oteltest.Model {
	return &oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
		*calls++
		if o.StreamingFunc != nil {
			_ = o.StreamingFunc(ctx, []byte("x"))
		}
		if *calls <= len(errs) {
			return nil, errs[*calls-1]
		}
		return oteltest.Answer("ok", 1, 1), nil
	}}
}

func TestRetry(t *testing.T) {
	limited := llms.NewError(llms.ErrCodeRateLimit, "p", "slow down")
	server := errors.New("API returned unexpected status code: 503: busy")
	invalid := llms.NewError(llms.ErrCodeInvalidRequest, "p", "bad")
	for _, tc := range []struct {
		reason string
		errs   []error
		stream bool
		calls  int
		err    error
	}{
		{"passing faults are repeated", []error{limited, server}, false, 3, nil},
		{"invalid requests are not", []error{invalid}, false, 1, invalid},
		{"attempts are bounded, the last error is returned as it is", []error{limited, limited, server, limited}, false, 3, server},
		{"never after the first streamed chunk", []error{limited}, true, 1, limited},
		{"a cancel is not a passing fault", []error{context.Canceled}, false, 1, context.Canceled},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				calls := 0
				m := models.Wrap(models.Retry(flaky(&calls, tc.errs...)), k.Handler)
				var opts []llms.CallOption
				if tc.stream {
					opts = append(opts, llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
				}
				_, err := m.GenerateContent(t.Context(), prompt, opts...)
				assert.Equal(t, tc.err, err)
				assert.Equal(t, tc.calls, calls)
				span := k.Span(t, "chat")
				assert.Len(t, retriesOf(span), tc.calls-1, "one event per further attempt, on one span")
			})
		})
	}
}

// One event for each attempt but the first: what made it necessary.
func TestRetryEvents(t *testing.T) {
	limited := llms.NewError(llms.ErrCodeRateLimit, "p", "slow down")
	for _, tc := range []struct {
		reason string
		opts   []callbacks.Option
		ctx    func(context.Context) context.Context
		within time.Duration
		keys   [][]attribute.Key // of each event
	}{
		{"attempt, wait and error", nil, nil, 0, [][]attribute.Key{{semconv.RetryAttempt, semconv.RetryWait, semconv.ErrorType}}},
		{"strict mode", []callbacks.Option{callbacks.WithStrictSemConv()}, nil, 0, [][]attribute.Key{{semconv.ErrorType}}},
		{"suppressed", nil, callbacks.ContextWithSuppression, 0, [][]attribute.Key{}},
		{"an attempt that never comes", nil, nil, 100 * time.Millisecond, [][]attribute.Key{}},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t, tc.opts...)
				// Retry around no wrapper: the event goes to the operation around.
				ctx, task := k.Handler.Start(t.Context(), callbacks.KindTask, "task")
				if tc.ctx != nil {
					ctx = tc.ctx(ctx)
				}
				if tc.within > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.within)
					defer cancel()
				}
				calls := 0
				_, _ = models.Retry(flaky(&calls, limited)).GenerateContent(ctx, prompt)
				task.End(nil)
				keys := [][]attribute.Key{}
				for _, e := range k.Span(t, "execute_task task").Events() {
					var of []attribute.Key
					for _, a := range e.Attributes {
						of = append(of, a.Key)
					}
					keys = append(keys, of)
				}
				assert.Equal(t, tc.keys, keys)
			})
		})
	}
}

// Without an operation around, it is the program's own span.
func TestRetryEventOnASpanOfTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		ctx, span := k.Provider.Tracer("app").Start(t.Context(), "own")
		calls := 0
		_, err := models.Retry(flaky(&calls, limitedFor(0))).GenerateContent(ctx, prompt)
		require.NoError(t, err)
		span.End()
		assert.Len(t, k.Span(t, "own").Events(), 1)
	})
}

// A wait that is cut short is no attempt.
func TestRetryCancelledWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		calls := 0
		_, err := models.Wrap(models.Retry(flaky(&calls, limitedFor(time.Second))), k.Handler).GenerateContent(ctx, prompt)
		assert.Equal(t, limitedFor(time.Second), err, "the provider's error, not the context's")
		span := k.Span(t, "chat")
		assert.Empty(t, retriesOf(span))
		assert.Equal(t, "rate_limit", oteltest.Value(span, semconv.ErrorType))
	})
}

func TestRetryHonoursTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := llms.NewError(llms.ErrCodeRateLimit, "p", "slow down")
		calls := 0
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := models.Retry(flaky(&calls, limited, limited, limited), models.WithInitialWait(time.Minute)).GenerateContent(ctx, prompt)
		require.ErrorIs(t, err, limited)
		assert.Zero(t, time.Since(start), "a wait beyond the deadline is for nothing")
	})
}

// limitedFor is an error that says how long to wait.
type limitedFor time.Duration

func (e limitedFor) Error() string             { return "slow down" }
func (e limitedFor) ErrorType() string         { return string(llms.ErrCodeRateLimit) }
func (e limitedFor) RetryAfter() time.Duration { return time.Duration(e) }

func TestRetryWaitsAsLongAsTheServerAsks(t *testing.T) {
	for _, tc := range []struct {
		reason string
		err    error
		within time.Duration // of the context, 0 for none
		calls  int
		took   time.Duration
	}{
		{"longer than its own wait", limitedFor(7 * time.Second), 0, 2, 7 * time.Second},
		{"shorter", limitedFor(0), 0, 2, 0},
		{"beyond the context: over at once", limitedFor(7 * time.Second), 5 * time.Second, 1, 0},
		{"beyond the longest time of a call: over at once", limitedFor(time.Hour), 0, 1, 0},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				calls, ctx := 0, t.Context()
				if tc.within > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.within)
					defer cancel()
				}
				start := time.Now()
				_, err := models.Wrap(models.Retry(flaky(&calls, tc.err)), k.Handler).GenerateContent(ctx, prompt)
				if tc.calls == 1 {
					assert.Equal(t, tc.err, err)
				} else {
					assert.NoError(t, err)
				}
				assert.Equal(t, tc.calls, calls)
				assert.Equal(t, tc.took, time.Since(start))
				if tc.calls > 1 {
					events := k.Span(t, "chat").Events()
					require.Len(t, events, 1)
					assert.ElementsMatch(t, []attribute.KeyValue{
						semconv.RetryAttempt.Int(2), semconv.RetryWait.Float64(tc.took.Seconds()), semconv.ErrorType.String("rate_limit"),
					}, events[0].Attributes)
				}
			})
		})
	}
}

// langchaingo's errors have neither header nor, here, the status: the transport
// saw both.
func TestRetryHearsOfHeadersThroughTheTransport(t *testing.T) {
	requests := 0
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests++; requests == 1 {
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"error":"try later"}`)
			return
		}
		_, _ = io.WriteString(w, `{"model":"llama3.2","message":{"role":"assistant","content":"hi"},"done":true,"done_reason":"stop","prompt_eval_count":6,"eval_count":3}`)
	})
	k := oteltest.New(t)
	client, err := ollama.New(ollama.WithServerURL(server.URL), ollama.WithModel("llama3.2"), ollama.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}))
	require.NoError(t, err)
	m := models.Wrap(models.Retry(client, models.WithInitialWait(time.Hour), models.WithMaxElapsedTime(2*time.Hour)), k.Handler)
	_, err = m.GenerateContent(t.Context(), prompt)
	require.NoError(t, err, "an hour would be too long for this test")
	span := k.Span(t, "chat llama3.2")
	require.Len(t, span.Events(), 1)
	assert.Contains(t, span.Events()[0].Attributes, semconv.ErrorType.String("429"))
	assert.Equal(t, "2", oteltest.Value(span, semconv.HTTPAttempts))
	assert.Equal(t, "200", oteltest.Value(span, semconv.HTTPResponseStatusCode))
	assert.Equal(t, codes.Unset, span.Status().Code)
	assert.Equal(t, `["stop"]`, oteltest.Value(span, semconv.ResponseFinishReasons))

	// And without a span around it.
	requests = 0
	_, err = models.Retry(client, models.WithInitialWait(time.Hour), models.WithMaxElapsedTime(2*time.Hour)).GenerateContent(t.Context(), prompt)
	require.NoError(t, err)
}

// With http.Client.Timeout the call's context lives on, and OpenAI's client hides
// the time-out behind a text.
func TestRetryOfHiddenTimeouts(t *testing.T) {
	for _, name := range []string{"wrapper", "transport"} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			var rt http.RoundTripper = roundTripper(func(r *http.Request) (*http.Response, error) {
				requests.Add(1)
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			if name == "transport" {
				rt = models.NewTransport(rt)
			}
			k := oteltest.New(t)
			client := openaiAt(t, "http://127.0.0.1:1", openai.WithHTTPClient(&http.Client{Transport: rt, Timeout: 20 * time.Millisecond}))
			_, err := models.Wrap(models.Retry(client, models.WithInitialWait(time.Millisecond)), k.Handler).GenerateContent(t.Context(), prompt)
			require.Error(t, err)
			assert.Equal(t, int32(3), requests.Load())
			span := k.Span(t, "chat gpt-4o-mini")
			assert.Equal(t, "timeout", oteltest.Value(span, semconv.ErrorType))
			assert.Empty(t, oteltest.Value(span, semconv.HTTPResponseStatusCode))
		})
	}
}

// Ollama's client reports success on a 500 without a body.
func TestRetryOfSuccessOnAFailedRequest(t *testing.T) {
	for _, tc := range []struct {
		reason       string
		fails, comes int
		requests     int
		errorType    string
	}{
		{"a fault that passes", http.StatusInternalServerError, 1, 2, ""},
		{"one that stays: the last result is returned as it is", http.StatusInternalServerError, 9, 3, "500"},
		{"a refusal is not repeated", http.StatusNotFound, 9, 1, "404"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			requests := 0
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if requests++; requests <= tc.comes {
					w.WriteHeader(tc.fails)
					return
				}
				_, _ = io.WriteString(w, `{"model":"llama3.2","message":{"role":"assistant","content":"hi"},"done":true,"done_reason":"stop","prompt_eval_count":6,"eval_count":3}`)
			})
			k := oteltest.New(t)
			client, err := ollama.New(ollama.WithServerURL(server.URL), ollama.WithModel("llama3.2"), ollama.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}))
			require.NoError(t, err)
			res, err := models.Wrap(models.Retry(client, models.WithInitialWait(time.Millisecond)), k.Handler).GenerateContent(t.Context(), prompt)
			require.NoError(t, err)
			require.NotNil(t, res)
			assert.Equal(t, tc.requests, requests)
			assert.Equal(t, tc.errorType, oteltest.Value(k.Span(t, "chat llama3.2"), semconv.ErrorType))
		})
	}
}

// The provider's answer is the reason, not the context it did not fit into.
func TestRateLimitedUntilTheDeadline(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "slow down", http.StatusTooManyRequests) })
	k := oteltest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	_, err := models.Wrap(models.Retry(openaiAt(t, server.URL)), k.Handler).GenerateContent(ctx, prompt)
	require.Error(t, err)
	assert.Equal(t, "429", oteltest.Value(k.Span(t, "chat gpt-4o-mini"), semconv.ErrorType))
}

// An option that counts: once for the span, once for each attempt.
func TestRetryAppliesNoOptions(t *testing.T) {
	k := oteltest.New(t)
	applied, calls := 0, 0
	count := func(*llms.CallOptions) { applied++ }
	_, err := models.Retry(flaky(&calls, limitedFor(0))).GenerateContent(t.Context(), prompt, count)
	require.NoError(t, err)
	assert.Equal(t, 2, applied)
	_, err = models.Wrap(models.Retry(flaky(&calls)), k.Handler).GenerateContent(t.Context(), prompt, count)
	require.NoError(t, err)
	assert.Equal(t, 4, applied)
}

// Whichever is written outside: the duration covers all attempts, and they are
// one call.
func TestRetryAroundAWrappedModelIsOneSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		calls := 0
		limited := llms.NewError(llms.ErrCodeRateLimit, "p", "slow down")
		_, err := models.Retry(models.Wrap(flaky(&calls, limited, limited), k.Handler, models.WithModel("m"))).GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
		span := k.Span(t, "chat m")
		assert.Len(t, span.Events(), 2)
		assert.Greater(t, span.EndTime().Sub(span.StartTime()), time.Second)
		assert.Len(t, k.Spans.Spans(), 1)
	})
}

// retriesOf leaves out the exception event of a failed span.
func retriesOf(s sdktrace.ReadOnlySpan) (events []sdktrace.Event) {
	for _, e := range s.Events() {
		if e.Name == "retry" {
			events = append(events, e)
		}
	}
	return events
}
