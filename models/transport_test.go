// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
)

const chatResponse = `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"stop",
"message":{"role":"assistant","content":"hello"}}],"usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}}`

func openaiAt(t *testing.T, address string, opts ...openai.Option) *openai.LLM {
	t.Helper()
	m, err := openai.New(append([]openai.Option{
		openai.WithToken("sk-test"), openai.WithBaseURL(address),
		openai.WithModel("gpt-4o-mini"), openai.WithEmbeddingModel("text-embedding-3-small"),
		openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}),
	}, opts...)...)
	require.NoError(t, err)
	return m
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestTransportAddsWhatTheClientDrops(t *testing.T) {
	var traceparent, baggage string
	status := http.StatusOK
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		traceparent, baggage = r.Header.Get("Traceparent"), r.Header.Get("Baggage")
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "req_1")
		w.Header().Set("X-Ratelimit-Remaining-Requests", "99")
		w.Header().Set("Set-Cookie", "secret")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, chatResponse)
	})
	k := oteltest.New(t)
	m := models.Wrap(openaiAt(t, server.URL), k.Handler)
	_, err := m.GenerateContent(t.Context(), prompt)
	require.NoError(t, err)
	span := k.Span(t, "chat gpt-4o-mini")
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	for key, want := range map[attribute.Key]string{
		semconv.ResponseID: "chatcmpl-1", semconv.ResponseModel: "gpt-4o-mini-2024-07-18", semconv.ServerAddress: u.Hostname(), semconv.ServerPort: u.Port(),
		semconv.UsageInputTokens: "11", semconv.UsageOutputTokens: "3", semconv.HTTPAttempts: "1", semconv.HTTPResponseStatusCode: "",
		"http.response.header.x-request-id": `["req_1"]`, "http.response.header.x-ratelimit-remaining-requests": `["99"]`,
		"http.response.header.set-cookie": "", semconv.Incomplete: "",
	} {
		assert.Equal(t, want, oteltest.Value(span, key), "%s", key)
	}
	assert.Empty(t, traceparent, "no host learns the trace's ids unasked")
	assert.Empty(t, baggage)
	durations := k.Metrics(t)["gen_ai.client.operation.duration"].(metricdata.Histogram[float64])
	answered, _ := durations.DataPoints[0].Attributes.Value(semconv.ResponseModel)
	assert.Equal(t, "gpt-4o-mini-2024-07-18", answered.AsString(), "metrics tell the model that answered, too")

	k.Spans.Reset()
	status = http.StatusTooManyRequests
	_, err = m.GenerateContent(t.Context(), prompt)
	require.Error(t, err)
	span = k.Span(t, "chat gpt-4o-mini")
	assert.Equal(t, "429", oteltest.Value(span, semconv.HTTPResponseStatusCode))
	assert.Equal(t, "429", oteltest.Value(span, semconv.ErrorType))
	assert.Empty(t, oteltest.Value(span, semconv.UsageInputTokens), "a refusal is no answer")
}

// With events alone the context has no span.
func TestTransportKnowsCallsOfEvents(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, chatResponse) })
	k := oteltest.New(t)
	client := &http.Client{Transport: models.NewTransport(nil, models.WithHandler(k.Handler))}
	events := openaiAt(t, server.URL, openai.WithHTTPClient(client), openai.WithCallback(k.Handler.As(callbacks.KindChat, "gpt-4o-mini")))
	wrapped := models.Wrap(openaiAt(t, server.URL, openai.WithHTTPClient(client)), k.Handler)
	for name, m := range map[string]llms.Model{"events": events, "wrapped": wrapped} {
		k.Spans.Reset()
		_, err := m.GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
		span := k.Span(t, "chat gpt-4o-mini")
		for key, want := range map[attribute.Key]string{
			semconv.ResponseID: "chatcmpl-1", semconv.ResponseModel: "gpt-4o-mini-2024-07-18", semconv.ServerAddress: "127.0.0.1",
			semconv.RequestModel: "gpt-4o-mini", semconv.ProviderName: "openai", semconv.UsageInputTokens: "11", semconv.HTTPAttempts: "1",
		} {
			assert.Equal(t, want, oteltest.Value(span, key), "%s: %s", name, key)
		}
		assert.NotEmpty(t, oteltest.Value(span, semconv.UsageCost), name)
	}
}

// Each request of an embedding reports its tokens; the operation took them all.
func TestTransportSumsTheTokensOfBatches(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Input []string }
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&asked))
		vectors := strings.TrimSuffix(strings.Repeat(`{"embedding":[0.1,0.2]},`, len(asked.Input)), ",")
		_, _ = io.WriteString(w, `{"object":"list","data":[`+vectors+`],"model":"text-embedding-3-small","usage":{"prompt_tokens":5,"total_tokens":5}}`)
	})
	k := oteltest.New(t)
	for _, client := range []embeddings.EmbedderClient{
		openaiAt(t, server.URL),
		models.Wrap(openaiAt(t, server.URL), k.Handler),
	} {
		k.Spans.Reset()
		e, err := embeddings.NewEmbedder(client, embeddings.WithBatchSize(1))
		require.NoError(t, err)
		_, err = retrieval.WrapEmbedder(e, k.Handler).EmbedDocuments(t.Context(), []string{"a", "b", "c"})
		require.NoError(t, err)
		span := k.Span(t, "embeddings text-embedding-3-small")
		assert.Len(t, k.Spans.Spans(), 1, "a wrapped client inside a wrapped embedder is the same call")
		for key, want := range map[attribute.Key]string{
			semconv.UsageInputTokens: "15", semconv.HTTPAttempts: "3", semconv.EmbeddingsBatchSize: "3", semconv.EmbeddingsDimensions: "2",
			semconv.ProviderName: "openai", semconv.ResponseModel: "text-embedding-3-small", semconv.ResponseFinishReasons: "", semconv.ResponseID: "",
		} {
			assert.Equal(t, want, oteltest.Value(span, key), "%s", key)
		}
	}

	k.Spans.Reset()
	e, err := embeddings.NewEmbedder(models.Wrap(openaiAt(t, server.URL), k.Handler), embeddings.WithBatchSize(2))
	require.NoError(t, err)
	_, err = e.EmbedDocuments(t.Context(), []string{"a", "b", "c"})
	require.NoError(t, err)
	assert.Len(t, k.Spans.Spans(), 2, "the client alone: a span per batch")
}

// A client that asks for gzip itself gets it as it came, and the tap reads it
// all the same.
func TestTransportReadsCompressedBodies(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, chatResponse)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	})
	k := oteltest.New(t)
	ctx, span := k.Handler.Start(t.Context(), callbacks.KindChat, "m")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, nil)
	require.NoError(t, err)
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := models.NewTransport(nil).RoundTrip(req)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, packed.Bytes(), body, "not a byte is changed")
	span.End(nil)
	assert.Equal(t, "chatcmpl-1", oteltest.Value(k.Span(t, "chat m"), semconv.ResponseID))
	assert.Equal(t, "11", oteltest.Value(k.Span(t, "chat m"), semconv.UsageInputTokens))
}

// A body that ends early is handed on as it is, error and all.
func TestTransportFlagsWhatBrokeOff(t *testing.T) {
	k := oteltest.New(t)
	for name, body := range map[string]string{
		"json":   `{"id":"a","model":"m","choices":[{"mess`,
		"events": "data: {\"id\":\"a\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
	} {
		k.Spans.Reset()
		broken := io.MultiReader(bytes.NewReader([]byte(body)), cutOff{})
		rt := models.NewTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(broken)}, nil
		}))
		ctx, span := k.Handler.Start(t.Context(), callbacks.KindChat, "m")
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/", nil)
		require.NoError(t, err)
		res, err := rt.RoundTrip(req)
		require.NoError(t, err)
		got, err := io.ReadAll(res.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.NoError(t, res.Body.Close())
		require.NoError(t, res.Body.Close())
		assert.Equal(t, body, string(got))
		span.End(nil)
		assert.Equal(t, "true", oteltest.Value(k.Span(t, "chat m"), semconv.Incomplete), name)
	}
}

type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTransportPropagator(t *testing.T) {
	k := oteltest.New(t)
	var got http.Header
	send := func(opts ...models.TransportOption) {
		rt := models.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			got = r.Header
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
		}), opts...)
		ctx, span := k.Handler.Start(t.Context(), callbacks.KindChat, "m")
		defer span.End(nil)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/", nil)
		require.NoError(t, err)
		res, err := rt.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Empty(t, req.Header, "the request that was given stays as it was")
	}
	for _, hosts := range [][]string{nil, {"example.com", "*.0.0.2", "27.0.0.1"}} {
		send(models.WithTraceContext(hosts...))
		assert.Empty(t, got)
	}
	for _, hosts := range [][]string{{"127.0.0.1"}, {"example.com", "127.0.0.1"}, {"*.0.0.1"}, {"*"}} {
		send(models.WithTraceContext(hosts...))
		assert.NotEmpty(t, got.Get("Traceparent"))
	}
	send(models.WithTraceContext("*"), models.WithPropagator(nil), nil)
	assert.Empty(t, got)
	send(models.WithTraceContext("*"), models.WithPropagator(propagation.NewCompositeTextMapPropagator()))
	assert.Empty(t, got)
}

// With content off, the provider's code says what a status alone does not: a quota
// that is used up, or too many requests at a time.
func TestErrorsTellTheProvidersCode(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"message":"You asked: my card is 4111","type":"insufficient_quota","code":"insufficient_quota"}}`: "HTTP 429, code insufficient_quota",
		`{"error":{"message":"You asked: my card is 4111","type":"requests","code":"my card is 4111"}}`:              "HTTP 429, code requests",
		`You asked: my card is 4111`: "HTTP 429",
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, body)
		})
		k := oteltest.New(t)
		_, err := models.Wrap(openaiAt(t, server.URL), k.Handler).GenerateContent(t.Context(), prompt)
		require.Error(t, err)
		span := k.Span(t, "chat gpt-4o-mini")
		assert.Equal(t, want, span.Status().Description)
		assert.Empty(t, oteltest.Value(span, semconv.Incomplete))
		assert.NotContains(t, k.Emitted(t), "4111")
	}
}

// Go fills in the trailers of a request while its body is read.
func TestTransportKeepsLateTrailers(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			k := oteltest.New(t)
			var got, digest, traceparent string
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				got, digest, traceparent = r.Proto, r.Trailer.Get("Digest"), r.Header.Get("Traceparent")
			}))
			server.EnableHTTP2 = protocol == "HTTP/2.0"
			server.StartTLS()
			t.Cleanup(server.Close)
			ctx, span := k.Handler.Start(t.Context(), callbacks.KindChat, "m")
			defer span.End(nil)
			body, w := io.Pipe()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, body)
			require.NoError(t, err)
			req.Trailer = http.Header{"Digest": nil}
			go func() {
				_, _ = io.WriteString(w, "body")
				req.Trailer.Set("Digest", "late")
				_ = w.Close()
			}()
			transport := models.NewTransport(server.Client().Transport, models.WithTraceContext("127.0.0.1"))
			res, err := transport.RoundTrip(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			assert.Equal(t, protocol, got)
			assert.Equal(t, "late", digest)
			assert.NotEmpty(t, traceparent)
		})
	}
}

func TestTransportOutsideASpanLeavesTheRequestAlone(t *testing.T) {
	var sent *http.Request
	rt := models.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = r
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}))
	k := oteltest.New(t)
	task, span := k.Handler.Start(t.Context(), callbacks.KindTask, "t")
	chat, inner := k.Handler.Start(task, callbacks.KindChat, "m")
	for _, ctx := range []context.Context{t.Context(), task, callbacks.ContextWithSuppression(chat)} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", nil)
		require.NoError(t, err)
		res, err := rt.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Same(t, req, sent)
	}
	inner.End(nil)
	span.End(nil)
}

// A client that tries again by itself is one call; what the last answer says
// counts.
func TestTransportCountsAttempts(t *testing.T) {
	requests := 0
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests++; requests < 3 {
			http.Error(w, `{"error":{"message":"busy"}}`, http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, chatResponse)
	})
	k := oteltest.New(t)
	rt := models.NewTransport(nil)
	again := roundTripper(func(r *http.Request) (res *http.Response, err error) {
		for range 3 {
			r.Body, _ = r.GetBody()
			if res, err = rt.RoundTrip(r); err != nil || res.StatusCode == http.StatusOK {
				break
			}
			_ = res.Body.Close()
		}
		return res, err
	})
	m := models.Wrap(openaiAt(t, server.URL, openai.WithHTTPClient(&http.Client{Transport: again})), k.Handler)
	_, err := m.GenerateContent(t.Context(), []llms.MessageContent{})
	require.NoError(t, err)
	span := k.Span(t, "chat gpt-4o-mini")
	assert.Equal(t, "3", oteltest.Value(span, semconv.HTTPAttempts))
	assert.Equal(t, "200", oteltest.Value(span, semconv.HTTPResponseStatusCode))
	assert.Empty(t, oteltest.Value(span, semconv.ErrorType))
}

// What the one before told is not the last one's.
func TestTransportForgetsTheAttemptBefore(t *testing.T) {
	busy := func(r *http.Request) *http.Response {
		return &http.Response{
			StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After-Ms": {"1"}},
			Body: io.NopCloser(strings.NewReader(`{"error":{"message":"x"}}`)), Request: r,
		}
	}
	for _, tc := range []struct {
		reason            string
		then              func(*http.Request) (*http.Response, error)
		status, errorType string
	}{
		{"a good one", func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(chatResponse))}, nil
		}, "200", ""},
		{"one that does not reach the server: the client hides why, the transport knows", func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
		}, "", "*net.OpError"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			k := oteltest.New(t)
			n := 0
			rt := models.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				if n++; n == 1 {
					return busy(r), nil
				}
				return tc.then(r)
			}))
			m := models.Wrap(models.Retry(openaiAt(t, "http://127.0.0.1:1", openai.WithHTTPClient(&http.Client{Transport: rt}))), k.Handler)
			_, _ = m.GenerateContent(t.Context(), prompt)
			span := k.Span(t, "chat gpt-4o-mini")
			assert.Equal(t, tc.status, oteltest.Value(span, semconv.HTTPResponseStatusCode))
			assert.Equal(t, tc.errorType, oteltest.Value(span, semconv.ErrorType))
			assert.Empty(t, oteltest.Value(span, semconv.ResponseHeaderPrefix+"retry-after-ms"))
			assert.Empty(t, oteltest.Value(span, semconv.Incomplete), "only what is so is said")
		})
	}
}

// Whatever the base and the client do, the transport does not make it worse.
func TestTransportDoesNotPanic(t *testing.T) {
	k := oteltest.New(t)
	chat, span := k.Handler.Start(t.Context(), callbacks.KindChat, "m")
	defer span.End(nil)
	nothing := models.NewTransport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil }))
	var sent http.Header
	ok := models.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = r.Header
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
	}), models.WithTraceContext("*"))
	retried := context.Background()
	_, _ = models.Retry(&oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, _ llms.CallOptions) (*llms.ContentResponse, error) {
		retried = ctx
		return oteltest.Answer("x", 1, 1), nil
	}}).GenerateContent(t.Context(), prompt)
	for _, ctx := range []context.Context{t.Context(), retried, chat} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", nil)
		require.NoError(t, err)
		res, err := nothing.RoundTrip(req)
		assert.Nil(t, res)
		assert.NoError(t, err, "the base's fault is passed on, for http.Client to name")

		req.Header = nil
		res, err = ok.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Nil(t, req.Header)
	}
	assert.NotEmpty(t, sent.Get("Traceparent"))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
