// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
)

// rig is a Handler on the real SDK.
type rig struct {
	*Handler
	t      testing.TB
	rec    *spantree.Recorder
	tp     *sdktrace.TracerProvider
	reader *sdkmetric.ManualReader
}

func newRig(t testing.TB, opts ...Option) *rig {
	t.Helper()
	r := &rig{t: t, rec: &spantree.Recorder{}, reader: sdkmetric.NewManualReader()}
	r.tp = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r.rec))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader))
	h, err := NewHandler(append([]Option{WithTracerProvider(r.tp), WithMeterProvider(mp)}, opts...)...)
	require.NoError(t, err)
	r.Handler = h
	return r
}

// tree renders what has ended; incomplete operations are marked, and so is any
// span that has not ended.
func (r *rig) tree() string {
	out := spantree.Render(r.rec.Spans(), spantree.Options{Note: func(s sdktrace.ReadOnlySpan) string {
		if _, ok := spantree.Attribute(s, semconv.Incomplete); ok {
			return "(incomplete)"
		}
		return ""
	}})
	if n := r.rec.Open(); n > 0 {
		out += fmt.Sprintf("and %d open\n", n)
	}
	return out
}

// span returns the only ended span of the name.
func (r *rig) span(name string) sdktrace.ReadOnlySpan {
	r.t.Helper()
	var found []sdktrace.ReadOnlySpan
	var names []string
	for _, s := range r.rec.Spans() {
		names = append(names, s.Name())
		if s.Name() == name {
			found = append(found, s)
		}
	}
	require.Len(r.t, found, 1, "spans named %q among %q", name, names)
	return found[0]
}

func (r *rig) attrs(name string) map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for _, a := range r.span(name).Attributes() {
		out[string(a.Key)] = a.Value.String()
	}
	return out
}

func (r *rig) status(name string) string {
	r.t.Helper()
	return r.span(name).Status().Description
}

// points returns the data points of a histogram of seconds or counts as
// "count sum {labels}".
func (r *rig) points(metric string) []point {
	r.t.Helper()
	var rm metricdata.ResourceMetrics
	require.NoError(r.t, r.reader.Collect(context.Background(), &rm))
	var out []point
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			if m.Name != metric {
				continue
			}
			switch d := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					out = append(out, point{p.Count, p.Sum, p.Attributes})
				}
			case metricdata.Histogram[int64]:
				for _, p := range d.DataPoints {
					out = append(out, point{p.Count, float64(p.Sum), p.Attributes})
				}
			case metricdata.Sum[float64]:
				for _, p := range d.DataPoints {
					out = append(out, point{1, p.Value, p.Attributes})
				}
			default:
				r.t.Fatalf("%s is a %T", metric, d)
			}
		}
	}
	return out
}

type point struct {
	count  uint64
	sum    float64
	labels attribute.Set
}

// everything is all telemetry as one text, for canaries.
func (r *rig) everything() string {
	var b strings.Builder
	for _, s := range r.rec.Spans() {
		fmt.Fprintln(&b, s.Name(), s.Status().Description, s.Attributes(), s.Events())
	}
	var rm metricdata.ResourceMetrics
	require.NoError(r.t, r.reader.Collect(context.Background(), &rm))
	text, err := json.Marshal(rm)
	require.NoError(r.t, err)
	return b.String() + string(text)
}

// provider fires events as langchaingo's clients do, from GenerateContent
// itself. Each letter of script is a step:
//
//	S start   s start of plain prompts   E end   n end with nil
//	X error   x error that is nil        P panic   R return early
type provider struct {
	h      lccallbacks.Handler
	script string
	res    *llms.ContentResponse
	err    error
	during func(context.Context)
}

var errBoom = errors.New("boom")

func (p *provider) GenerateContent(ctx context.Context, ms []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	res := p.res
	if res == nil {
		res = answer("ok", nil)
	}
	for _, step := range p.script {
		switch step {
		case 'S':
			p.h.HandleLLMGenerateContentStart(ctx, ms)
			if p.during != nil {
				p.during(ctx)
			}
		case 's':
			p.h.HandleLLMStart(ctx, []string{"plain"})
		case 'E':
			p.h.HandleLLMGenerateContentEnd(ctx, res)
		case 'n':
			p.h.HandleLLMGenerateContentEnd(ctx, nil)
		case 'X':
			p.h.HandleLLMError(ctx, errBoom)
			return nil, errBoom
		case 'x':
			p.h.HandleLLMError(ctx, nil)
			return nil, errBoom
		case 'P':
			panic("provider panic")
		case 'R':
			return nil, errBoom
		}
	}
	return res, p.err
}

func (p *provider) Call(ctx context.Context, prompt string, opts ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, p, prompt, opts...)
}

func answer(text string, info map[string]any) *llms.ContentResponse {
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: text, StopReason: "stop", GenerationInfo: info}}}
}

var tokens = map[string]any{"PromptTokens": 100, "CompletionTokens": 20}

// ask calls the model as a program without chains does.
func ask(ctx context.Context, m llms.Model) error {
	_, err := m.GenerateContent(ctx, []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "question")})
	return err
}

// llmChain is langchaingo's own chain with the handler on it.
func llmChain(m llms.Model, h lccallbacks.Handler) *lcchains.LLMChain {
	c := lcchains.NewLLMChain(m, prompts.NewPromptTemplate("say {{.q}}", []string{"q"}))
	c.CallbacksHandler = h
	return c
}

func runChain(ctx context.Context, c lcchains.Chain) error {
	_, err := lcchains.Call(ctx, c, map[string]any{"q": "question"})
	return err
}

// funcChain is a user's chain: whatever fn does, with events of chains.Call.
type funcChain struct {
	h  lccallbacks.Handler
	fn func(context.Context) error
}

func (c funcChain) Call(ctx context.Context, _ map[string]any, _ ...lcchains.ChainCallOption) (map[string]any, error) {
	if err := c.fn(ctx); err != nil {
		return nil, err
	}
	return map[string]any{"text": "done"}, nil
}

func (c funcChain) GetMemory() schema.Memory                { return memory.NewSimple() }
func (c funcChain) GetInputKeys() []string                  { return nil }
func (c funcChain) GetOutputKeys() []string                 { return nil }
func (c funcChain) GetCallbackHandler() lccallbacks.Handler { return c.h }
func inChain(h lccallbacks.Handler, fn func(context.Context) error) lcchains.Chain {
	return funcChain{h, fn}
}

// recovered runs fn as code that survives panics does.
func recovered(fn func()) (value any) {
	defer func() { value = recover() }()
	fn()
	return nil
}
