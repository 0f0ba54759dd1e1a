// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
	"github.com/spanloom/spanloom/privacy"
)

// What the wire says of each request adds up, and wins over what the client
// passed on; what it does not say is the client's.
func TestUsageOfRequestsWins(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindChat, "m")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s.AddUsage(metrics.Usage{Input: 10, Output: 3})
			s.AddUsage(metrics.Usage{Output: 2}) // a stream counts upward
			s.SetResponse(200, nil)
		})
	}
	wg.Wait()
	s.SetUsage(metrics.Usage{Input: 9, Output: 0, CacheRead: 5})
	s.End(nil)
	s.AddUsage(metrics.Usage{Input: 1})
	s.SetResponse(200, nil)
	span := r.rec.Spans()[0]
	for key, want := range map[attribute.Key]int64{
		semconv.UsageInputTokens: 40, semconv.UsageOutputTokens: 20, semconv.UsageCacheRead: 5, semconv.HTTPAttempts: 4,
	} {
		v, ok := spantree.Attribute(span, key)
		require.True(t, ok, key)
		assert.Equal(t, want, v.AsInt64(), key)
	}
}

// Ollama's client reports success on a 500 without a body.
func TestSuccessOnAFailedRequestIsAnError(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindChat, "m")
	s.SetAttributes(semconv.HTTPResponseStatusCode.Int(500))
	s.End(nil)
	span := r.rec.Spans()[0]
	assert.Equal(t, codes.Error, span.Status().Code)
	errorType, _ := spantree.Attribute(span, semconv.ErrorType)
	assert.Equal(t, "500", errorType.AsString())
	incomplete, _ := spantree.Attribute(span, semconv.Incomplete)
	assert.True(t, incomplete.AsBool())

	r = newRig(t)
	_, s = r.Start(context.Background(), KindChat, "m")
	s.SetAttributes(semconv.HTTPResponseStatusCode.Int(503))
	s.SetAttributes(semconv.HTTPResponseStatusCode.Int(200))
	s.End(nil)
	assert.Equal(t, codes.Unset, r.rec.Spans()[0].Status().Code, "the last request counts")

	r = newRig(t)
	_, s = r.Start(context.Background(), KindTool, "fetch")
	s.SetAttributes(semconv.HTTPResponseStatusCode.Int(404))
	s.End(nil)
	assert.Equal(t, codes.Unset, r.rec.Spans()[0].Status().Code, "a tool's status need not be a failure")
}

// Whether a call failed must not depend on who looks: strict mode drops the
// counter's attribute, a sampler the whole span.
func TestTheLastResponseCountsEverywhere(t *testing.T) {
	for name, opts := range map[string][]Option{
		"recording":   nil,
		"strict":      {WithStrictSemConv()},
		"sampled out": {WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())))},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, opts...)
			_, s := r.Start(context.Background(), KindChat, "m")
			s.SetResponse(503, nil)
			s.SetResponse(200, nil)
			s.End(nil)
			for _, span := range r.rec.Spans() {
				assert.Equal(t, codes.Unset, span.Status().Code)
			}
			durations := r.points("gen_ai.client.operation.duration")
			require.Len(t, durations, 1)
			assert.False(t, durations[0].labels.HasValue(semconv.ErrorType))
		})
	}
}

func TestAResponseReplacesTheOneBefore(t *testing.T) {
	retryAfter := semconv.ResponseHeader("retry-after", "1")
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for _, tc := range []struct {
		reason    string
		requests  func(s *Span)
		err       error
		status    int64 // 0: no attribute
		errorType string
		headers   int
		broken    bool
	}{
		{"one good one tells no status", func(s *Span) { s.SetResponse(200, nil, retryAfter) }, nil, 0, "", 1, false},
		{"a failed one does", func(s *Span) { s.SetResponse(429, nil, retryAfter) }, errors.New("x"), 429, "429", 1, false},
		{"headers are the last one's", func(s *Span) { s.SetResponse(429, nil, retryAfter); s.SetResponse(200, nil) }, nil, 200, "", 0, false},
		{"no response, no status", func(s *Span) { s.SetResponse(503, nil, retryAfter); s.SetResponse(0, refused) }, errors.New("x"), 0, "*net.OpError", 0, false},
		{"what the client hides", func(s *Span) { s.SetResponse(0, context.DeadlineExceeded) }, errors.New("x"), 0, "timeout", 0, false},
		{"broken, then whole", func(s *Span) {
			s.SetResponse(200, nil)
			s.SetComplete(false)
			s.SetResponse(200, nil)
			s.SetComplete(true)
		}, nil, 200, "", 0, false},
		{"broken", func(s *Span) { s.SetResponse(200, nil); s.SetComplete(false) }, nil, 0, "", 0, true},
		{"the wire knows better than the result", func(s *Span) { s.SetComplete(true); s.SetAttributes(semconv.Incomplete.Bool(true)) }, nil, 0, "", 0, false},
		{"but only of the last request", func(s *Span) {
			s.SetComplete(true)
			s.SetResponse(200, nil)
			s.SetAttributes(semconv.Incomplete.Bool(true))
		}, nil, 0, "", 0, true},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			r := newRig(t)
			_, s := r.Start(context.Background(), KindChat, "m")
			tc.requests(s)
			s.End(tc.err)
			s.SetResponse(500, nil)
			s.SetComplete(false)
			span := r.rec.Spans()[0]
			status, _ := spantree.Attribute(span, semconv.HTTPResponseStatusCode)
			assert.Equal(t, tc.status, status.AsInt64())
			errorType, _ := spantree.Attribute(span, semconv.ErrorType)
			assert.Equal(t, tc.errorType, errorType.AsString())
			incomplete, has := spantree.Attribute(span, semconv.Incomplete)
			assert.Equal(t, tc.broken, has)
			assert.Equal(t, tc.broken, incomplete.AsBool())
			headers := 0
			for _, a := range span.Attributes() {
				if strings.HasPrefix(string(a.Key), semconv.ResponseHeaderPrefix) {
					headers++
				}
			}
			assert.Equal(t, tc.headers, headers)
		})
	}
	var none *Span
	none.SetResponse(500, nil)
	none.SetComplete(false)
}

func TestToolDefinitionsAreContent(t *testing.T) {
	tools := []llms.Tool{{Type: "function", Function: &llms.FunctionDefinition{Name: "f", Description: "for somebody@example.com"}}}
	for _, tc := range []struct {
		reason, want string
		opts         []Option
	}{
		{"off", "", []Option{WithContent(privacy.None), WithToolDefinitions(true)}},
		{"on", `[{"type":"function","name":"f","description":"for somebody@example.com"}]`, []Option{WithContent(privacy.Verbatim), WithToolDefinitions(true)}},
		{"through the policy", `[{"type":"function","name":"f","description":"for [EMAIL]"}]`, []Option{WithContent(privacy.Redact), WithToolDefinitions(true)}},
		{"left out by default", "", []Option{WithContent(privacy.Verbatim)}},
	} {
		r := newRig(t, tc.opts...)
		_, s := r.Start(context.Background(), KindChat, "m")
		s.SetInput(benchInput)
		s.SetInput(tools)
		s.End(nil)
		v, _ := spantree.Attribute(r.rec.Spans()[0], semconv.ToolDefinitions)
		assert.Equal(t, tc.want, v.AsString(), tc.reason)
		_, hasMessages := spantree.Attribute(r.rec.Spans()[0], semconv.InputMessages)
		assert.Equal(t, tc.reason != "off", hasMessages, "the messages stay beside them")
	}
}

// Without a provider of either, nothing is made at all.
func TestNothingIsMadeForNobody(t *testing.T) {
	h := noopHandler(t)
	ctx := context.Background()
	got, s := h.Start(ctx, KindChat, "m")
	assert.Nil(t, s)
	assert.Equal(t, ctx, got)

	rec, err := metrics.NewRecorder(nil, metrics.WithObserver(alert.NewMonitor()))
	require.NoError(t, err)
	h, err = NewHandler(WithTracerProvider(tracenoop.NewTracerProvider()), WithMeterProvider(metricnoop.NewMeterProvider()), WithRecorder(rec))
	require.NoError(t, err)
	_, s = h.Start(ctx, KindChat, "m")
	assert.NotNil(t, s, "an observer reads it")
	s.End(nil)
}
