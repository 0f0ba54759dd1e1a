// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/contentenv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

func TestContentFromTheEnvironment(t *testing.T) {
	const own = "SPANLOOM_CONTENT"
	const genai, traceloop = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "TRACELOOP_TRACE_CONTENT"
	tests := []struct {
		name string
		env  map[string]string
		on   bool
		err  string
	}{
		{"nothing set", nil, false, ""},
		{"span only", map[string]string{genai: "SPAN_ONLY"}, true, ""},
		{"span and event", map[string]string{genai: "span_and_event"}, true, ""},
		{"true", map[string]string{genai: "true"}, true, ""},
		{"event only: we send no events", map[string]string{genai: "EVENT_ONLY"}, false, ""},
		{"no content", map[string]string{genai: "NO_CONTENT"}, false, ""},
		{"false", map[string]string{genai: "False"}, false, ""},
		{"unknown word", map[string]string{genai: "yes please"}, false, "callbacks: " + genai + `="yes please": use SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, NO_CONTENT, true or false; no content is recorded`},
		{"traceloop true", map[string]string{traceloop: "true"}, true, ""},
		{"traceloop 1", map[string]string{traceloop: "1"}, true, ""},
		{"traceloop false", map[string]string{traceloop: "false"}, false, ""},
		{"traceloop 0", map[string]string{traceloop: "0"}, false, ""},
		{"traceloop unknown", map[string]string{traceloop: "on"}, false, traceloop + `="on"`},
		{"the first decides", map[string]string{genai: "NO_CONTENT", traceloop: "true"}, false, ""},
		{"a bad first is not rescued by the second", map[string]string{genai: "bad", traceloop: "true"}, false, genai},
		{"ours", map[string]string{own: "redact"}, true, ""},
		{"ours decides", map[string]string{own: "None", genai: "true", traceloop: "true"}, false, ""},
		{"ours is bad", map[string]string{own: "true", genai: "true"}, false, own + `="true"`},
		{"an empty first does not count", map[string]string{genai: "", traceloop: "true"}, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(own, "")
			t.Setenv(genai, "")
			t.Setenv(traceloop, "")
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			rec := &spantree.Recorder{}
			h, err := NewHandler(WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))))
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.err)
			}
			_, s := h.Start(context.Background(), KindTask, "x")
			s.SetInput("text")
			s.End(nil)
			_, on := spantree.Attribute(rec.Spans()[0], "traceloop.entity.input")
			assert.Equal(t, tt.on, on)
		})
	}
}

func TestContentPolicyFromTheEnvironment(t *testing.T) {
	for value, want := range map[string]string{
		"redact": "mail to [EMAIL]", "HASH": privacy.Hash("", "mail to ann@example.com"), "verbatim": "mail to ann@example.com",
	} {
		t.Setenv("SPANLOOM_CONTENT", value)
		r := newRig(t)
		_, s := r.Start(context.Background(), KindTask, "x")
		s.SetInput("mail to ann@example.com")
		s.End(nil)
		assert.Equal(t, want, r.attrs("execute_task x")["traceloop.entity.input"])
	}
}

func TestOptionBeatsTheEnvironment(t *testing.T) {
	t.Setenv(contentenv.Capture.Name, "nonsense")
	r := newRig(t, WithContent(privacy.None)) // newRig requires that there is no error
	_, s := r.Start(context.Background(), KindTask, "x")
	s.SetInput("text")
	s.End(nil)
	assert.NotContains(t, r.attrs("execute_task x"), "traceloop.entity.input")
}

func TestNegativeLimitIsAnErrorAndTheDefaultHolds(t *testing.T) {
	h, err := NewHandler(WithContentLimit(-1), nil)
	require.ErrorContains(t, err, "WithContentLimit(-1)")
	assert.Equal(t, defaultContentLimit, h.cfg.contentLimit)
}

func TestWithAttributesDoesNotKeepTheCallersSlice(t *testing.T) {
	attrs := []attribute.KeyValue{attribute.String("team", "blue")}
	r := newRig(t, WithAttributes(attrs...))
	attrs[0] = attribute.String("team", "red")
	_, s := r.Start(context.Background(), KindTask, "x")
	s.End(nil)
	assert.Equal(t, "blue", r.attrs("execute_task x")["team"])
}

func TestWithRecorderReplacesTheMeterProvider(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	prices, err := metrics.NewPrices(metrics.Price{Model: "m1", Input: 10})
	require.NoError(t, err)
	rec, err := metrics.NewRecorder(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), metrics.WithPrices(prices))
	require.NoError(t, err)
	r := newRig(t, WithRecorder(rec))
	_, s := r.Start(context.Background(), KindChat, "m1")
	s.SetUsage(metrics.Usage{Input: 100_000})
	s.End(nil)
	assert.Equal(t, "1", r.attrs("chat m1")["gen_ai.usage.cost"])
	assert.Empty(t, r.points("gen_ai.client.operation.duration"), "the rig's own reader")
	r.reader = reader
	assert.Len(t, r.points("gen_ai.client.operation.duration"), 1)
}

// A program often makes the Handler before it sets its provider.
// OpenTelemetry hands the global provider on once in a process, so the test has one of
// its own.
func TestGlobalProviderMayComeLater(t *testing.T) {
	const child = "CALLBACKS_TEST_CHILD"
	if os.Getenv(child) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestGlobalProviderMayComeLater$")
		cmd.Env = append(os.Environ(), child+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return
	}
	seen := &operationCounter{}
	h, err := NewHandler(WithObserver(seen))
	require.NoError(t, err)
	old := otel.GetTracerProvider()
	t.Cleanup(func() { otel.SetTracerProvider(old) })
	rec := &spantree.Recorder{}
	_, s := h.Start(context.Background(), KindTask, "early")
	s.End(nil)
	require.Equal(t, 1, seen.operations, "an observer needs no provider")
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec)))
	_, s = h.Start(context.Background(), KindTask, "late")
	s.End(nil)
	require.Len(t, rec.Spans(), 1)
	require.Equal(t, 2, seen.operations)
}
