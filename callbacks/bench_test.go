// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

func noopHandler(tb testing.TB) *Handler {
	h, err := NewHandler(WithTracerProvider(tracenoop.NewTracerProvider()), WithMeterProvider(metricnoop.NewMeterProvider()))
	require.NoError(tb, err)
	return h
}

func sdkHandler(tb testing.TB, sampler sdktrace.Sampler, p privacy.Policy) *Handler {
	// A processor is needed: without one the SDK skips most of its work.
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(&counter{}), sdktrace.WithSampler(sampler))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	h, err := NewHandler(WithTracerProvider(tp), WithMeterProvider(mp), WithContent(p))
	require.NoError(tb, err)
	return h
}

var (
	benchInput  = []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, strings.Repeat("a question of some length ", 25))}
	benchOutput = answer(strings.Repeat("an answer of some length ", 12), nil)
)

// modelCall is what the model wrapper does around one call.
func modelCall(h *Handler) {
	_, s := h.Start(context.Background(), KindChat, "gpt-4o", semconv.ProviderName.String("openai"),
		semconv.ServerAddress.String("api.openai.com"), semconv.ServerPort.Int(443))
	s.SetInput(benchInput)
	s.SetAttributes(semconv.RequestTemperature.Float64(0.5), semconv.RequestMaxTokens.Int(256))
	s.SetOutput(benchOutput)
	s.SetUsage(metrics.Usage{Input: 180, Output: 75})
	s.End(nil)
}

func eventPair(ctx context.Context, h *Handler) {
	h.HandleChainStart(ctx, nil)
	h.HandleChainEnd(ctx, nil)
}

type flavour struct {
	name   string
	h      func(testing.TB) *Handler
	allocs float64 // of modelCall
	pair   float64 // of eventPair
}

// The budgets are what is measured today: a change that costs an allocation
// says so here.
var flavours = []flavour{
	{"nil", func(testing.TB) *Handler { return nil }, 1, 0},
	{"no-op", noopHandler, 1, 0},
	{"sampled out", func(tb testing.TB) *Handler { return sdkHandler(tb, sdktrace.NeverSample(), privacy.None) }, 6, 9},
	{"recording", func(tb testing.TB) *Handler { return sdkHandler(tb, sdktrace.AlwaysSample(), privacy.None) }, 13, 13},
	{"recording verbatim", func(tb testing.TB) *Handler { return sdkHandler(tb, sdktrace.AlwaysSample(), privacy.Verbatim) }, 31, 28},
}

func TestAllocationBudgets(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector allocates, and makes sync.Pool forget")
	}
	for _, f := range flavours {
		t.Run(f.name, func(t *testing.T) {
			h := f.h(t)
			assert.LessOrEqual(t, testing.AllocsPerRun(200, func() { modelCall(h) }), f.allocs, "one model call by a wrapper")
			assert.LessOrEqual(t, testing.AllocsPerRun(200, func() { eventPair(context.Background(), h) }), f.pair, "one chain by events")
		})
	}
}

func BenchmarkStartEnd(b *testing.B) {
	for _, f := range flavours {
		b.Run(f.name, func(b *testing.B) {
			h := f.h(b)
			b.ReportAllocs()
			for b.Loop() {
				modelCall(h)
			}
		})
	}
}

// The depth of the stack is what an event costs beyond a span.
func BenchmarkEventPair(b *testing.B) {
	for _, depth := range []int{10, 60} {
		for _, f := range flavours[1:4] {
			b.Run(fmt.Sprintf("depth %d/%s", depth, f.name), func(b *testing.B) {
				h := f.h(b)
				deep(depth, func() {
					b.ReportAllocs()
					for b.Loop() {
						eventPair(context.Background(), h)
					}
				})
			})
		}
	}
}

// A model call inside a chain inside an agent, all by events: three operations
// are open.
func BenchmarkEventsNested(b *testing.B) {
	h := noopHandler(b)
	ctx := context.Background()
	h.HandleChainStart(ctx, nil)
	h.HandleChainStart(ctx, nil)
	b.ReportAllocs()
	for b.Loop() {
		eventPair(ctx, h)
	}
}

// What an error costs beyond a success must not depend on the prompt.
func BenchmarkEndWithError(b *testing.B) {
	h := sdkHandler(b, sdktrace.AlwaysSample(), privacy.None)
	for _, size := range []int{1 << 10, 1 << 20} {
		prompt := strings.Repeat("q uestion", size/9)
		input := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, prompt)}
		for name, err := range map[string]error{"success": nil, "error": errors.New("refused"), "quoting error": errors.New("refused: " + prompt)} {
			b.Run(fmt.Sprintf("%d KiB/%s", size>>10, name), func(b *testing.B) {
				for b.Loop() {
					_, s := h.Start(context.Background(), KindChat, "gpt-4o")
					s.SetInput(input)
					s.End(err)
				}
			})
		}
	}
}
