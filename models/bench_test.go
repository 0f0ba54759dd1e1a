// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

// stub answers at once: what is measured is what observing costs.
type stub struct{ res *llms.ContentResponse }

func (s *stub) GenerateContent(_ context.Context, _ []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var o llms.CallOptions
	for _, opt := range options {
		opt(&o)
	}
	return s.res, nil
}

func (s *stub) Call(context.Context, string, ...llms.CallOption) (string, error) { return "", nil }

var (
	benchModel = &stub{&llms.ContentResponse{Choices: []*llms.ContentChoice{{
		Content: "an answer", StopReason: "stop", GenerationInfo: map[string]any{
			"PromptTokens": 180, "CompletionTokens": 75, "TotalTokens": 255, "ReasoningTokens": 0, "PromptCachedTokens": 0,
			"id": "chatcmpl-1", "model": "gpt-4o-2024-08-06",
		},
	}}}}
	benchMessages = []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "a question of some length")}
	benchOptions  = []llms.CallOption{llms.WithTemperature(0.5), llms.WithMaxTokens(256), llms.WithTopP(0.9), llms.WithSeed(7)}
)

// floor is the tightest code by hand that leaves the same span and the same
// three points: for one client, one requested model and the four options of
// benchOptions, with room for the attributes of the start that is used again and
// finish reasons and labels made in advance. It is right for what these can
// answer, an error too, and for nothing else: what a wrapper can be compared with,
// not what people write.
type floor struct {
	inner    llms.Model
	tracer   trace.Tracer
	duration metric.Float64Histogram
	tokens   metric.Int64Histogram
	kind     trace.SpanStartOption
	last     atomic.Pointer[floorLabels]
}

// floorLabels are the labels of one response model: which one answers is known
// from the response, and is nearly always the last one again.
type floorLabels struct {
	model                 string
	common, input, output []metric.RecordOption
}

// room is where the attributes of a span's start are put together.
type room struct {
	kv      [7]attribute.KeyValue
	options [2]trace.SpanStartOption
}

var (
	rooms        = sync.Pool{New: func() any { return new(room) }}
	floorReasons = map[string]attribute.KeyValue{
		"stop":           semconv.ResponseFinishReasons.StringSlice([]string{"stop"}),
		"length":         semconv.ResponseFinishReasons.StringSlice([]string{"length"}),
		"tool_calls":     semconv.ResponseFinishReasons.StringSlice([]string{"tool_call"}),
		"content_filter": semconv.ResponseFinishReasons.StringSlice([]string{"content_filter"}),
	}
)

func newFloor(tb testing.TB, inner llms.Model, tp trace.TracerProvider, mp metric.MeterProvider) llms.Model {
	f := &floor{inner: inner, tracer: tp.Tracer("floor"), kind: trace.WithSpanKind(trace.SpanKindClient)}
	m := mp.Meter("floor")
	var err error
	f.duration, err = m.Float64Histogram("gen_ai.client.operation.duration", metric.WithExplicitBucketBoundaries(semconv.OperationDuration.Buckets...))
	require.NoError(tb, err)
	f.tokens, err = m.Int64Histogram("gen_ai.client.token.usage", metric.WithExplicitBucketBoundaries(semconv.TokenUsage.Buckets...))
	require.NoError(tb, err)
	return f
}

func (f *floor) labels(model string) *floorLabels {
	if l := f.last.Load(); l != nil && l.model == model {
		return l
	}
	set := func(extra ...attribute.KeyValue) []metric.RecordOption {
		return []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(append(extra, semconv.OperationName.String("chat"),
			semconv.ProviderName.String("openai"), semconv.RequestModel.String("gpt-4o"), semconv.ResponseModel.String(model))...))}
	}
	l := &floorLabels{model, set(), set(semconv.TokenType.String("input")), set(semconv.TokenType.String("output"))}
	f.last.Store(l)
	return l
}

func (f *floor) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var o llms.CallOptions
	for _, opt := range options {
		opt(&o)
	}
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	kv := append(r.kv[:0], semconv.OperationName.String("chat"), semconv.ProviderName.String("openai"), semconv.RequestModel.String("gpt-4o"))
	if o.Temperature != 0 {
		kv = append(kv, semconv.RequestTemperature.Float64(o.Temperature))
	}
	if o.MaxTokens != 0 {
		kv = append(kv, semconv.RequestMaxTokens.Int(o.MaxTokens))
	}
	if o.TopP != 0 {
		kv = append(kv, semconv.RequestTopP.Float64(o.TopP))
	}
	if o.Seed != 0 {
		kv = append(kv, semconv.RequestSeed.Int(o.Seed))
	}
	r.options = [...]trace.SpanStartOption{f.kind, trace.WithAttributes(kv...)}
	start := time.Now()
	ctx, span := f.tracer.Start(ctx, "chat gpt-4o", r.options[:]...)
	defer span.End()
	res, err := f.inner.GenerateContent(ctx, messages, options...)
	if err != nil {
		return res, f.failed(ctx, span, start, err)
	}
	choice := res.Choices[0]
	in, _ := choice.GenerationInfo["PromptTokens"].(int)
	out, _ := choice.GenerationInfo["CompletionTokens"].(int)
	id, _ := choice.GenerationInfo["id"].(string)
	model, _ := choice.GenerationInfo["model"].(string)
	if span.IsRecording() {
		span.SetAttributes(floorReasons[choice.StopReason], semconv.ResponseModel.String(model),
			semconv.ResponseID.String(id), semconv.UsageInputTokens.Int(in), semconv.UsageOutputTokens.Int(out))
	}
	l := f.labels(model)
	f.duration.Record(ctx, time.Since(start).Seconds(), l.common...)
	f.tokens.Record(ctx, int64(in), l.input...)
	f.tokens.Record(ctx, int64(out), l.output...)
	return res, err
}

func (f *floor) failed(ctx context.Context, span trace.Span, start time.Time, err error) error {
	kind := semconv.ErrorType.String(fmt.Sprintf("%T", err))
	span.SetStatus(codes.Error, err.Error())
	span.SetAttributes(kind)
	f.duration.Record(ctx, time.Since(start).Seconds(), metric.WithAttributes(kind, semconv.OperationName.String("chat"),
		semconv.ProviderName.String("openai"), semconv.RequestModel.String("gpt-4o")))
	return err
}

func (f *floor) Call(context.Context, string, ...llms.CallOption) (string, error) { return "", nil }

// discard is a processor: without one the SDK skips most of its work.
type discard struct{}

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (discard) Shutdown(context.Context) error                  { return nil }
func (discard) ForceFlush(context.Context) error                { return nil }

type flavour struct {
	name   string
	policy privacy.Policy
	tp     trace.TracerProvider
	mp     metric.MeterProvider
	// allocs is what observing a call allocates, the call's own not counted.
	allocs float64
}

func flavours() []flavour {
	sdk := func(s sdktrace.Sampler) trace.TracerProvider {
		return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(discard{}), sdktrace.WithSampler(s))
	}
	mp := func() metric.MeterProvider {
		return sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	}
	return []flavour{
		{"no-op", privacy.None, tracenoop.NewTracerProvider(), metricnoop.NewMeterProvider(), 1},
		{"sampled out", privacy.None, sdk(sdktrace.NeverSample()), mp(), 6},
		{"recording", privacy.None, sdk(sdktrace.AlwaysSample()), mp(), 12},
		{"recording with content", privacy.Verbatim, sdk(sdktrace.AlwaysSample()), mp(), 29},
	}
}

func (f flavour) wrapped(tb testing.TB) llms.Model {
	h, err := callbacks.NewHandler(callbacks.WithTracerProvider(f.tp), callbacks.WithMeterProvider(f.mp), callbacks.WithContent(f.policy))
	require.NoError(tb, err)
	return models.Wrap(benchModel, h, models.WithProvider("openai"), models.WithModel("gpt-4o"))
}

func benchCall(m llms.Model) {
	_, _ = m.GenerateContent(context.Background(), benchMessages, benchOptions...)
}

func TestAllocationBudgets(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector allocates, and makes sync.Pool forget")
	}
	bare := testing.AllocsPerRun(200, func() { benchCall(benchModel) })
	for _, f := range flavours() {
		m, by := f.wrapped(t), newFloor(t, benchModel, f.tp, f.mp)
		got := testing.AllocsPerRun(500, func() { benchCall(m) }) - bare
		hand := testing.AllocsPerRun(500, func() { benchCall(by) }) - bare
		t.Logf("%s: %v allocations, by hand %v", f.name, got, hand)
		assert.LessOrEqual(t, got, f.allocs, f.name)
		if f.policy == nil {
			assert.LessOrEqual(t, got, hand+3, f.name)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	b.Run("bare", func(b *testing.B) { benchmark(b, benchModel) })
	for _, f := range flavours() {
		b.Run(f.name+"/floor", func(b *testing.B) { benchmark(b, newFloor(b, benchModel, f.tp, f.mp)) })
		b.Run(f.name+"/spanloom", func(b *testing.B) { benchmark(b, f.wrapped(b)) })
	}
}

// BenchmarkAgainstFloor takes turns between the two, so that a busy minute of
// the machine hits both, and reports the quotient of the medians. "make
// bench-floor" takes the mean over several layouts of the binary, which alone
// make a difference of 10 %.
func BenchmarkAgainstFloor(b *testing.B) {
	// A turn is long enough for each of the two to pay for its own garbage: one of
	// a few calls leaves it to whoever comes next, and the median then forgets it.
	const batch = 4000
	for _, f := range flavours() {
		b.Run(f.name, func(b *testing.B) {
			m, by := f.wrapped(b), newFloor(b, benchModel, f.tp, f.mp)
			var ours, floors []time.Duration
			for b.Loop() {
				start := time.Now()
				for range batch {
					benchCall(by)
				}
				middle := time.Now()
				for range batch {
					benchCall(m)
				}
				ours, floors = append(ours, time.Since(middle)), append(floors, middle.Sub(start))
			}
			slices.Sort(ours)
			slices.Sort(floors)
			o, fl := ours[len(ours)/2], floors[len(floors)/2]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(o.Nanoseconds())/batch, "ns/call")
			b.ReportMetric(float64(fl.Nanoseconds())/batch, "ns/floor")
			b.ReportMetric(float64(o)/float64(fl), "x-floor")
		})
	}
}

func benchmark(b *testing.B, m llms.Model) {
	b.ReportAllocs()
	for b.Loop() {
		benchCall(m)
	}
}
