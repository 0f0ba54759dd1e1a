// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

func TestStartGivesEachKindItsNameAndAttributes(t *testing.T) {
	tests := []struct {
		kind     Kind
		name     string
		attrs    []attribute.KeyValue
		span     string
		spanKind trace.SpanKind
		want     map[string]string
	}{
		{KindWorkflow, "rag", nil, "invoke_workflow rag", trace.SpanKindInternal, map[string]string{
			"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "rag", "openinference.span.kind": "CHAIN",
			"traceloop.span.kind": "workflow", "traceloop.entity.name": "rag", "traceloop.workflow.name": "rag",
		}},
		{KindTask, "load", nil, "execute_task load", trace.SpanKindInternal, map[string]string{
			"traceloop.span.kind": "task", "traceloop.entity.name": "load", "openinference.span.kind": "CHAIN",
		}},
		{KindAgent, "helper", nil, "invoke_agent helper", trace.SpanKindInternal, map[string]string{
			"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper",
			"traceloop.span.kind": "agent", "traceloop.entity.name": "helper",
			"spanloom.agent.iterations": "0", "spanloom.agent.tool_calls": "0",
		}},
		{KindTool, "search", nil, "execute_tool search", trace.SpanKindInternal, map[string]string{
			"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search",
			"traceloop.span.kind": "tool", "traceloop.entity.name": "search",
		}},
		{KindChat, "m1", nil, "chat m1", trace.SpanKindClient, map[string]string{
			"gen_ai.operation.name": "chat", "gen_ai.request.model": "m1",
		}},
		{KindChat, "", nil, "chat", trace.SpanKindClient, map[string]string{"gen_ai.operation.name": "chat"}},
		{KindEmbeddings, "e1", nil, "embeddings e1", trace.SpanKindClient, map[string]string{
			"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "e1",
		}},
		{KindRetrieval, "books", nil, "retrieval books", trace.SpanKindClient, map[string]string{
			"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "books", "openinference.span.kind": "RETRIEVER",
		}},
		{
			KindVectorStore, "query",
			[]attribute.KeyValue{semconv.DBCollectionName.String("docs"), semconv.DBSystemName.String("chromem")},
			"query docs", trace.SpanKindClient,
			map[string]string{"db.operation.name": "query", "db.collection.name": "docs", "db.system.name": "chromem"},
		},
		{Kind(200), "odd", nil, "execute_task odd", trace.SpanKindInternal, map[string]string{
			"traceloop.span.kind": "task", "traceloop.entity.name": "odd", "openinference.span.kind": "CHAIN",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.span, func(t *testing.T) {
			r := newRig(t)
			_, s := r.Start(context.Background(), tt.kind, tt.name, tt.attrs...)
			s.End(nil)
			assert.Equal(t, tt.want, r.attrs(tt.span))
			assert.Equal(t, tt.spanKind, r.span(tt.span).SpanKind())
			assert.Equal(t, codes.Unset, r.span(tt.span).Status().Code, "success leaves the status unset, never Ok")
		})
	}
}

func TestOneTreeHasOneWorkflow(t *testing.T) {
	r := newRig(t)
	ctx, outer := r.Start(context.Background(), KindWorkflow, "outer")
	ctx, inner := r.Start(ctx, KindWorkflow, "inner")
	ctx, tool := r.Start(ctx, KindTool, "search")
	_, chat := r.Start(ctx, KindChat, "m1")
	chat.End(nil)
	tool.End(nil)
	inner.End(nil)
	outer.End(nil)

	assert.Equal(t, `invoke_workflow outer
└─ execute_task inner
   └─ execute_tool search
      └─ chat m1
`, r.tree())
	assert.NotContains(t, r.attrs("execute_task inner"), "gen_ai.operation.name")
	assert.NotContains(t, r.attrs("invoke_workflow outer"), "traceloop.entity.path", "the root has no path")
	assert.NotContains(t, r.attrs("execute_task inner"), "traceloop.entity.path", "the workflow is not part of the path")
	assert.Equal(t, "inner", r.attrs("execute_tool search")["traceloop.entity.path"])
	for _, name := range []string{"invoke_workflow outer", "execute_task inner", "execute_tool search", "chat m1"} {
		assert.Equal(t, "outer", r.attrs(name)["traceloop.workflow.name"], name)
	}
	assert.NotContains(t, r.attrs("chat m1"), "traceloop.entity.name", "chat spans carry no traceloop entity")
	assert.Len(t, r.points("gen_ai.invoke_workflow.duration"), 1, "a nested workflow is no second workflow in the metrics")
}

func TestWorkflowUnderAUsersSpanStaysAWorkflow(t *testing.T) {
	r := newRig(t)
	ctx, user := r.tp.Tracer("user").Start(context.Background(), "GET /ask")
	_, s := r.Start(ctx, KindWorkflow, "rag")
	s.End(nil)
	user.End()
	assert.Equal(t, "GET /ask\n└─ invoke_workflow rag\n", r.tree())
}

func TestAssociationIsOnEverySpanAndInNoMetric(t *testing.T) {
	r := newRig(t, WithAttributes(attribute.String("team", "blue")), WithAttributes(attribute.Int("tier", 3)))
	ctx := ContextWithAssociation(context.Background(), attribute.String("session.id", "canary-s"), attribute.String("user.id", "canary-old"))
	ctx = ContextWithAssociation(ctx, attribute.String("user.id", "canary-u"), attribute.String("plan", "canary-p"))
	assert.Equal(t, ctx, ContextWithAssociation(ctx))

	ctx, flow := r.Start(ctx, KindWorkflow, "rag")
	_, chat := r.Start(ctx, KindChat, "m1")
	chat.SetUsage(metrics.Usage{Input: 1, Output: 1})
	chat.End(nil)
	flow.End(nil)

	for _, name := range []string{"invoke_workflow rag", "chat m1"} {
		got := r.attrs(name)
		for k, v := range map[string]string{
			"session.id": "canary-s", "user.id": "canary-u", "team": "blue", "tier": "3",
			"traceloop.association.properties.session_id": "canary-s",
			"traceloop.association.properties.user_id":    "canary-u",
			"traceloop.association.properties.plan":       "canary-p",
		} {
			assert.Equal(t, v, got[k], "%s on %s", k, name)
		}
	}
	assert.Equal(t, "canary-s", r.attrs("chat m1")["gen_ai.conversation.id"])
	assert.NotContains(t, r.attrs("invoke_workflow rag"), "gen_ai.conversation.id")

	for _, metric := range []string{"gen_ai.client.token.usage", "gen_ai.client.operation.duration", "gen_ai.invoke_workflow.duration"} {
		points := r.points(metric)
		require.NotEmpty(t, points, metric)
		for _, p := range points {
			labels := p.labels.Encoded(attribute.DefaultEncoder())
			assert.NotContains(t, labels, "canary", metric)
			assert.NotContains(t, labels, "blue", metric)
		}
	}
}

func TestStrictSemConvKeepsOnlyTheRegistry(t *testing.T) {
	r := newRig(t, WithStrictSemConv(), WithContent(privacy.Verbatim), WithAttributes(attribute.String("team", "blue")))
	ctx := ContextWithAssociation(context.Background(), attribute.String("user.id", "u"), attribute.String("plan", "p"))
	ctx, agent := r.Start(ctx, KindAgent, "helper", attribute.String("mine", "x"))
	agent.SetInput("in")
	agent.SetAttributes(attribute.String("also.mine", "x"))
	_, chat := r.Start(ctx, KindChat, "m1")
	chat.SetInput("in")
	chat.SetUsage(metrics.Usage{Input: 1})
	chat.End(nil)
	agent.End(errBoom)
	for _, s := range r.rec.Spans() {
		for _, a := range s.Attributes() {
			assert.True(t, semconv.InRegistry(a.Key), "%s on %s", a.Key, s.Name())
		}
	}
	assert.Equal(t, "1", r.attrs("chat m1")["gen_ai.usage.input_tokens"])
	assert.Contains(t, r.attrs("chat m1"), "gen_ai.input.messages")
	assert.Equal(t, "u", r.attrs("chat m1")["user.id"])
}

func TestSuppressionHidesSpansAndMetrics(t *testing.T) {
	r := newRig(t)
	ctx := ContextWithSuppression(context.Background())
	got, s := r.Start(ctx, KindChat, "m1")
	assert.Nil(t, s)
	assert.Equal(t, ctx, got)
	s.End(nil)
	require.NoError(t, ask(ctx, &provider{h: r, script: "SE"}))
	require.NoError(t, runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r)))
	r.HandleAgentAction(ctx, agentAction)
	assert.Empty(t, r.tree())
	assert.Zero(t, r.open.Len())
	assert.Empty(t, r.points("gen_ai.client.operation.duration"))
}

func TestNilHandlerAndNilSpanAreSilent(t *testing.T) {
	var h *Handler
	ctx, s := h.Start(context.Background(), KindChat, "m1")
	assert.Equal(t, context.Background(), ctx)
	require.Nil(t, s)
	s.SetAttributes(attribute.String("a", "b"))
	s.SetInput("in")
	s.SetOutput("out")
	s.SetUsage(metrics.Usage{Input: 1})
	s.End(errBoom)
	s.end(nil, false)
	assert.Nil(t, SpanFromContext(ctx))
	assert.Nil(t, h.Strip(h))
	fireAll(t, h)
	fireAll(t, h.As(KindTask, "named"))
	fireAll(t, h.As(KindAgent, "named", nil))
}

func TestNilContextIsTolerated(t *testing.T) {
	r := newRig(t)
	var none context.Context
	ctx, s := r.Start(none, KindChat, "m1")
	require.NotNil(t, ctx)
	s.End(nil)
	require.NoError(t, ask(none, &provider{h: r, script: "SE"}))
	r.HandleAgentAction(none, agentAction)
	assert.Equal(t, "chat m1\nchat\n", r.tree())
}

func TestEndCountsOnce(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindChat, "m1")
	s.SetUsage(metrics.Usage{Input: 3})
	s.End(nil)
	s.End(errBoom)
	s.end(nil, false)
	s.SetAttributes(attribute.String("late", "x"))
	s.SetInput("late")
	s.SetOutput("late")
	s.SetUsage(metrics.Usage{Input: 99})
	got := r.attrs("chat m1")
	assert.NotContains(t, got, "late")
	assert.NotContains(t, got, "error.type")
	assert.Equal(t, "3", got["gen_ai.usage.input_tokens"])
	p := r.points("gen_ai.client.operation.duration")
	require.Len(t, p, 1)
	assert.EqualValues(t, 1, p[0].count)
}

func TestErrUnwoundLetsThePanicPass(t *testing.T) {
	r := newRig(t)
	type value struct{ n int }
	thrown := &value{7}
	var stack string
	got := recovered(func() {
		defer func() {
			// The stack must still show where the panic began: a recover and
			// re-panic in between would hide it.
			buf := make([]byte, 1<<14)
			stack = string(buf[:runtime.Stack(buf, false)])
		}()
		_, s := r.Start(context.Background(), KindTask, "step")
		defer s.End(ErrUnwound)
		panicHere(thrown)
	})
	assert.Same(t, thrown, got)
	assert.Contains(t, stack, "panicHere")
	assert.Equal(t, "panic", r.attrs("execute_task step")["error.type"])
	assert.Equal(t, ErrUnwound.Error(), r.status("execute_task step"))
	assert.NotContains(t, r.everything(), fmt.Sprint(thrown), "a panic's value may hold content")
}

//go:noinline
func panicHere(v any) { panic(v) }

func TestErrUnwoundAfterGoexit(t *testing.T) {
	r := newRig(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, s := r.Start(context.Background(), KindTask, "step")
		defer s.End(ErrUnwound)
		runtime.Goexit()
	}()
	<-done
	assert.Equal(t, "panic", r.attrs("execute_task step")["error.type"])
}

func TestErrorSetsStatusAndType(t *testing.T) {
	ctxErr, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context //nolint:containedctx // one row of a table
		err  error
		want string
	}{
		{"context error", context.Background(), fmt.Errorf("call: %w", context.DeadlineExceeded), "timeout"},
		{"context error turned into text", ctxErr, errors.New("request cancelled"), "canceled"},
		{"HTTP status in the text", context.Background(), errors.New("API returned unexpected status code: 429: slow down"), "429"},
		{"own type", context.Background(), fmt.Errorf("x: %w", &customError{"no"}), "*callbacks.customError"},
		{"plain", context.Background(), errBoom, "_OTHER"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			_, s := r.Start(tt.ctx, KindChat, "m1")
			s.End(tt.err)
			assert.Equal(t, tt.want, r.attrs("chat m1")["error.type"])
			assert.Equal(t, codes.Error, r.span("chat m1").Status().Code)
			p := r.points("gen_ai.client.operation.duration")
			require.Len(t, p, 1, "failures have durations, too")
			v, _ := p[0].labels.Value(semconv.ErrorType)
			assert.Equal(t, tt.want, v.AsString())
		})
	}
}

type customError struct{ msg string }

func (e *customError) Error() string { return e.msg }

func TestDurationMetricIsTheSpansDuration(t *testing.T) {
	r := newRig(t)
	for _, k := range []Kind{KindWorkflow, KindAgent, KindTool, KindChat, KindVectorStore} {
		_, s := r.Start(context.Background(), k, "x")
		s.End(nil)
	}
	for span, metric := range map[string]string{
		"invoke_workflow x": "gen_ai.invoke_workflow.duration", "invoke_agent x": "gen_ai.invoke_agent.duration",
		"execute_tool x": "gen_ai.execute_tool.duration", "chat x": "gen_ai.client.operation.duration",
		"x": "db.client.operation.duration",
	} {
		p := r.points(metric)
		require.Len(t, p, 1, metric)
		s := r.span(span)
		assert.InDelta(t, s.EndTime().Sub(s.StartTime()).Seconds(), p[0].sum, 1e-12, metric)
	}
}

func TestAgentSumsUpItsRun(t *testing.T) {
	r := newRig(t)
	ctx, agent := r.Start(context.Background(), KindAgent, "helper")
	for i := range 3 {
		step, task := r.Start(ctx, KindTask, "plan")
		_, chat := r.Start(step, KindChat, "m1")
		chat.SetUsage(metrics.Usage{Input: 10, Output: i, CacheRead: 1})
		chat.End(nil)
		task.End(nil)
	}
	tctx, tool := r.Start(ctx, KindTool, "search")
	_, inTool := r.Start(tctx, KindChat, "m2")
	inTool.SetUsage(metrics.Usage{Input: 5})
	inTool.End(errBoom)
	tool.End(nil)
	agent.End(nil)

	got := r.attrs("invoke_agent helper")
	assert.Equal(t, "35", got["spanloom.usage.input_tokens"])
	assert.Equal(t, "3", got["spanloom.usage.output_tokens"])
	assert.Equal(t, "3", got["spanloom.usage.cache_read.input_tokens"])
	assert.Equal(t, "4", got["spanloom.agent.iterations"])
	assert.Equal(t, "1", got["spanloom.agent.tool_calls"])
	assert.Equal(t, "helper", r.attrs("execute_tool search")["gen_ai.agent.name"])

	var total float64
	for _, p := range r.points("gen_ai.client.token.usage") {
		total += p.sum
	}
	assert.InDelta(t, 38, total, 0, "the agent's sum is on its span only: in the metric it would count twice")
	assert.InDelta(t, 4, r.points("gen_ai.invoke_agent.inference_calls")[0].sum, 0)
	assert.Equal(t, attribute.NewSet(semconv.ToolName.String("search"), semconv.AgentName.String("helper")), r.points("gen_ai.execute_tool.duration")[0].labels)
	assert.InDelta(t, 1, r.points("gen_ai.invoke_agent.tool_calls")[0].sum, 0)
}

func TestZeroUsageIsUnknown(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindChat, "m1")
	s.SetUsage(metrics.Usage{Output: 2})
	s.End(nil)
	assert.NotContains(t, r.attrs("chat m1"), "gen_ai.usage.input_tokens")
	assert.Len(t, r.points("gen_ai.client.token.usage"), 1)
}

// The SDK drops the attributes that come last; those must never be the tokens.
func TestAttributeLimitNeverCostsTheTokens(t *testing.T) {
	many := make([]attribute.KeyValue, 200)
	for i := range many {
		many[i] = attribute.Int(fmt.Sprintf("user.attr.%d", i), i)
	}
	tests := map[string]func(*Handler, context.Context) *Span{
		"at start": func(h *Handler, ctx context.Context) *Span {
			_, s := h.Start(ctx, KindChat, "m1", many...)
			return s
		},
		"at once": func(h *Handler, ctx context.Context) *Span {
			_, s := h.Start(ctx, KindChat, "m1")
			s.SetAttributes(many...)
			return s
		},
		"one by one": func(h *Handler, ctx context.Context) *Span {
			_, s := h.Start(ctx, KindChat, "m1")
			for _, a := range many {
				s.SetAttributes(a)
			}
			return s
		},
		"association": func(h *Handler, ctx context.Context) *Span {
			_, s := h.Start(ContextWithAssociation(ctx, many...), KindChat, "m1")
			return s
		},
	}
	for name, start := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, WithContent(privacy.Verbatim))
			s := start(r.Handler, context.Background())
			s.SetInput(strings.Repeat("big ", 10000))
			s.SetOutput(strings.Repeat("big ", 10000))
			s.SetUsage(metrics.Usage{Input: 7, Output: 8, CacheRead: 1, CacheCreation: 2, Reasoning: 3})
			s.End(errBoom)
			got := r.attrs("chat m1")
			assert.Len(t, got, 128)
			assert.Equal(t, "7", got["gen_ai.usage.input_tokens"])
			assert.Equal(t, "8", got["gen_ai.usage.output_tokens"])
			assert.Equal(t, "3", got["gen_ai.usage.reasoning.output_tokens"])
			assert.Equal(t, "_OTHER", got["error.type"])
			assert.Equal(t, "m1", got["gen_ai.request.model"])
		})
	}
}

func TestSamplerSeesWhatItDecidesBy(t *testing.T) {
	var seen []attribute.KeyValue
	rec := &spantree.Recorder{}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec), sdktrace.WithSampler(samplerFunc(func(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
		seen = p.Attributes
		return sdktrace.SamplingResult{Decision: sdktrace.Drop}
	})))
	r := newRig(t, WithTracerProvider(tp))
	_, s := r.Start(context.Background(), KindChat, "m1", semconv.ProviderName.String("openai"), semconv.ServerAddress.String("api.example.com"))
	s.SetUsage(metrics.Usage{Input: 4})
	s.End(nil)
	got := attribute.NewSet(seen...)
	for _, k := range []attribute.Key{semconv.OperationName, semconv.ProviderName, semconv.RequestModel, semconv.ServerAddress} {
		assert.True(t, got.HasValue(k), k)
	}
	assert.Empty(t, rec.Spans())
	p := r.points("gen_ai.client.token.usage")
	require.Len(t, p, 1, "metrics do not depend on sampling")
	assert.InDelta(t, 4, p[0].sum, 0)
}

type samplerFunc func(sdktrace.SamplingParameters) sdktrace.SamplingResult

func (f samplerFunc) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult { return f(p) }

func (samplerFunc) Description() string { return "func" }

func TestSpanFromContext(t *testing.T) {
	r := newRig(t)
	assert.Nil(t, SpanFromContext(context.Background()))
	ctx, s := r.Start(context.Background(), KindTask, "step")
	assert.Same(t, s, SpanFromContext(ctx))
	uctx, user := r.tp.Tracer("user").Start(ctx, "user")
	assert.Same(t, s, SpanFromContext(uctx), "a user's span hides nothing")
	cctx, cancel := context.WithCancel(uctx)
	defer cancel()
	inner, s2 := r.Start(cctx, KindChat, "m1")
	assert.Same(t, s2, SpanFromContext(inner))
	s2.SetAttributes(semconv.ResponseModel.String("m1-2024"))
	s2.End(nil)
	user.End()
	s.End(nil)
	v, _ := r.points("gen_ai.client.operation.duration")[0].labels.Value(semconv.ResponseModel)
	assert.Equal(t, "m1-2024", v.AsString(), "what SetAttributes learns reaches the metric")
	assert.Equal(t, "execute_task step\n└─ user\n   └─ chat m1\n", r.tree())
}

// A name shows whatever the content policy is.
func TestNamesAreRedactedAndCut(t *testing.T) {
	long := strings.Repeat("ل", 200)
	for _, tc := range []struct {
		kind       Kind
		name, want string
	}{
		{KindWorkflow, "mail to ann@example.com", "invoke_workflow mail to [EMAIL]"},
		{KindTask, "pay 4111 1111 1111 1111 sk-proj-abcdefghijkl0123", "execute_task pay 4111 1111 1111 1111 [API_KEY]"},
		{KindRetrieval, "of ann@example.com", "retrieval of [EMAIL]"},
		{KindChat, "ann@example.com/m", "chat [EMAIL]/m"},
		{KindTool, long, "execute_tool " + long[:127*2] + "…"},
		{KindAgent, "a\xffb", "invoke_agent a\uFFFDb"},
		{KindChat, "m\xff", "chat m\uFFFD"},
		{KindChat, "ft:gpt-4o-mini-2024-07-18:acme::9x8ys7AB", "chat ft:gpt-4o-mini-2024-07-18:acme::9x8ys7AB"},
	} {
		r := newRig(t, WithContent(privacy.Verbatim))
		_, s := r.Start(context.Background(), tc.kind, tc.name)
		s.End(nil)
		r.span(tc.want)
		assert.NotContains(t, r.everything(), "ann@example.com")
	}
}

// Only what the program names becomes a label.
func TestMetricAttributesByAllowList(t *testing.T) {
	r := newRig(t, WithMetricAttributes("plan"), WithMetricAttributes("none"), WithContent(privacy.None))
	ctx := ContextWithAssociation(context.Background(), attribute.String("user.id", "canary-u"), attribute.String("plan", "gold"),
		attribute.String("gen_ai.request.model", "canary-m"))
	ctx, flow := r.Start(ctx, KindWorkflow, "rag")
	_, chat := r.Start(ctx, KindChat, "m1")
	chat.SetUsage(metrics.Usage{Input: 1, Output: 1})
	chat.Chunk()
	chat.Chunk()
	chat.End(nil)
	_, search := r.Start(ctx, KindVectorStore, "search")
	search.End(nil)
	flow.End(nil)
	for metric, model := range map[string]string{
		"gen_ai.client.token.usage": "m1", "gen_ai.client.operation.duration": "m1",
		"gen_ai.client.operation.time_to_first_chunk": "m1", "gen_ai.client.operation.time_per_output_chunk": "m1",
		"gen_ai.invoke_workflow.duration": "", "db.client.operation.duration": "",
	} {
		points := r.points(metric)
		require.NotEmpty(t, points, metric)
		for _, p := range points {
			plan, _ := p.labels.Value("plan")
			assert.Equal(t, "gold", plan.AsString(), metric)
			got, _ := p.labels.Value("gen_ai.request.model")
			assert.Equal(t, model, got.AsString(), "%s: the convention's label is its own", metric)
			assert.False(t, p.labels.HasValue("user.id"), metric)
		}
	}

	strict := newRig(t, WithMetricAttributes("plan", "user.id"), WithStrictSemConv())
	_, chat = strict.Start(ctx, KindChat, "m1")
	chat.End(nil)
	labels := strict.points("gen_ai.client.operation.duration")[0].labels
	assert.False(t, labels.HasValue("plan"), "strict mode knows no exception")
	assert.True(t, labels.HasValue("user.id"))
}

// A property named error.type would make a failure of every call: alerts count
// by that label.
func TestMetricAttributesOfTheConventionAreRefused(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	h, err := NewHandler(WithMetricAttributes("plan", "error.type"), WithMetricAttributes("gen_ai.response.model", "region"),
		WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	require.ErrorContains(t, err, `WithMetricAttributes("error.type")`)
	require.ErrorContains(t, err, `WithMetricAttributes("gen_ai.response.model")`)
	ctx := ContextWithAssociation(context.Background(), attribute.String("error.type", "canary"), attribute.String("gen_ai.response.model", "canary"),
		attribute.String("plan", "gold"), attribute.String("region", "eu"))
	_, s := h.Start(ctx, KindChat, "m1")
	s.End(nil)
	r := &rig{t: t, reader: reader}
	points := r.points("gen_ai.client.operation.duration")
	require.Len(t, points, 1)
	labels := points[0].labels
	assert.False(t, labels.HasValue("error.type"))
	assert.False(t, labels.HasValue("gen_ai.response.model"))
	assert.True(t, labels.HasValue("plan"), "the others count")
	assert.True(t, labels.HasValue("region"))
}

func TestAnAttributeSetAgainAndAgainTakesNoRoom(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindTool, "t", attribute.String("first", "given to Start"))
	s.SetAttributes(attribute.Int("before", 0))
	room := cap(s.buf.kv)
	for i := range 10_000 {
		s.SetAttributes(attribute.Int("count", i), attribute.String("beside", "x"))
	}
	assert.Equal(t, room, cap(s.buf.kv))
	s.SetAttributes(attribute.Int("before", 1))
	s.End(nil)
	got := r.attrs("execute_tool t")
	assert.Equal(t, "9999", got["count"], "the last one counts")
	assert.Equal(t, "1", got["before"])
	assert.Equal(t, "x", got["beside"])
	assert.Equal(t, "given to Start", got["first"])
}
