// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

var destinationStart = time.Date(2026, 11, 28, 14, 0, 0, 0, time.UTC)

// The spans that rules are tested on, as Handlers record them.
var destinationSpans = map[string][]attribute.KeyValue{
	"chat": {
		attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.request.model", "m"), attribute.String("gen_ai.provider.name", "openai"),
		attribute.Float64("gen_ai.response.time_to_first_chunk", 0.25), attribute.Int("gen_ai.usage.input_tokens", 7), attribute.Int("gen_ai.usage.output_tokens", 3),
		attribute.Float64("gen_ai.usage.cost", 0.0000075), attribute.String("session.id", "s"), attribute.String("user.id", "u"),
		attribute.String("gen_ai.input.messages", `[{"role":"system","parts":[{"type":"text","content":"Be brief."}]},`+
			`{"role":"user","parts":[{"type":"text","content":"Look:"},{"type":"text","content":"6 * 7?"}]},`+
			`{"role":"tool","parts":[{"type":"tool_call_response","id":"c0","response":"sunny"}]}]`),
		attribute.String("gen_ai.output.messages", `[{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"calculator","arguments":{"input":"6 * 7"}},`+
			`{"type":"tool_call","id":"c2","name":"search","arguments":"lamps"}],"finish_reason":"tool_call"}]`),
	},
	"agent": {
		attribute.String("gen_ai.operation.name", "invoke_agent"), attribute.Int("gen_ai.usage.input_tokens", 7), attribute.Int("gen_ai.usage.output_tokens", 3),
		attribute.String("traceloop.entity.input", `{"input":"6 * 7?"}`), attribute.String("traceloop.entity.output", "forty-two"),
	},
	"retrieval": {
		attribute.String("gen_ai.operation.name", "retrieval"), attribute.String("gen_ai.retrieval.query.text", "q"), attribute.String("traceloop.entity.input", "q"),
	},
	"embeddings": {
		attribute.String("gen_ai.operation.name", "embeddings"), attribute.String("gen_ai.request.model", "e"), attribute.String("traceloop.entity.input", `["a"]`),
	},
	"bare":   nil,
	"broken": {attribute.String("gen_ai.input.messages", `[{"role":"us…`)},
	"taken":  {attribute.String("gen_ai.provider.name", "openai"), attribute.String("gen_ai.system", "my own")},
}

// added returns what the destinations add to a span.
func added(t *testing.T, span string, destinations ...Destination) map[attribute.Key]any {
	t.Helper()
	given := destinationSpans[span]
	out := tracetest.NewInMemoryExporter()
	e := &destinedSpans{SpanExporter: out, destinations: destinations}
	stub := tracetest.SpanStub{StartTime: destinationStart, Attributes: given, Resource: resource.Empty()}
	require.NoError(t, e.ExportSpans(t.Context(), []sdktrace.ReadOnlySpan{stub.Snapshot()}))
	got := out.GetSpans()[0].Attributes
	require.Equal(t, given, got[:len(given):len(given)], "what the span has stays as it is")
	keys := map[attribute.Key]any{}
	for _, kv := range got[len(given):] {
		require.NotContains(t, keys, kv.Key, "once")
		keys[kv.Key] = kv.Value.AsInterface()
	}
	return keys
}

func TestDestinations(t *testing.T) {
	type keys = map[attribute.Key]any
	for _, tc := range []struct {
		to   Destination
		span string
		want keys
	}{
		{Langfuse, "chat", keys{"langfuse.observation.completion_start_time": `"2026-11-28T14:00:00.250000Z"`}},
		{Langfuse, "agent", keys{}},
		{LangWatch, "retrieval", keys{"langwatch.span.type": "rag"}},
		{LangWatch, "chat", keys{}},
		{MLflow, "chat", keys{"mlflow.llm.cost": `{"total_cost":7.5e-06}`}},
		{MLflow, "agent", keys{}},
		{OpenLIT, "chat", keys{"gen_ai.usage.total_tokens": int64(10), "gen_ai.server.time_to_first_token": 0.25}},
		{OpenLIT, "agent", keys{}}, // a sum over spans would count its calls twice
		{Laminar, "chat", keys{"gen_ai.system": "openai", "lmnr.association.properties.session_id": "s", "lmnr.association.properties.user_id": "u"}},
		{Laminar, "taken", keys{}},
		{Phoenix, "agent", keys{"input.value": `{"input":"6 * 7?"}`, "input.mime_type": "application/json", "output.value": "forty-two", "output.mime_type": "text/plain"}},
		{Phoenix, "embeddings", keys{"input.value": `["a"]`, "input.mime_type": "application/json"}},
		{Phoenix, "retrieval", keys{}},
		{Phoenix, "chat", keys{}},
		{OpenLLMetry, "chat", keys{
			"gen_ai.system": "openai", "llm.request.type": "chat",
			"gen_ai.usage.prompt_tokens": int64(7), "gen_ai.usage.completion_tokens": int64(3), "llm.usage.total_tokens": int64(10),
			"gen_ai.prompt.0.role": "system", "gen_ai.prompt.0.content": "Be brief.",
			"gen_ai.prompt.1.role": "user", "gen_ai.prompt.1.content": "Look:\n6 * 7?",
			"gen_ai.prompt.2.role": "tool", "gen_ai.prompt.2.content": "sunny", "gen_ai.prompt.2.tool_call_id": "c0",
			"gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.finish_reason": "tool_call",
			"gen_ai.completion.0.tool_calls.0.id": "c1", "gen_ai.completion.0.tool_calls.0.name": "calculator",
			"gen_ai.completion.0.tool_calls.0.arguments": `{"input":"6 * 7"}`,
			"gen_ai.completion.0.tool_calls.1.id":        "c2", "gen_ai.completion.0.tool_calls.1.name": "search",
			"gen_ai.completion.0.tool_calls.1.arguments": "lamps",
		}},
		{OpenLLMetry, "embeddings", keys{"llm.request.type": "embedding"}},
		{OpenLLMetry, "agent", keys{}},
		{OpenLLMetry, "broken", keys{}},
	} {
		t.Run(string(tc.to)+" "+tc.span, func(t *testing.T) { assert.Equal(t, tc.want, added(t, tc.span, tc.to)) })
	}
	for d := range destinationRules {
		assert.Empty(t, added(t, "bare", d), d)
	}
	assert.Equal(t, "openai", added(t, "chat", Laminar, OpenLLMetry)["gen_ai.system"], "two that add the same key add it once")
}

func TestDestinationsRenameTheResource(t *testing.T) {
	out := tracetest.NewInMemoryExporter()
	e := &destinedSpans{SpanExporter: out, destinations: []Destination{OpenLIT}}
	named := resource.NewSchemaless(attribute.String("deployment.environment.name", "production"))
	var spans []sdktrace.ReadOnlySpan
	for _, r := range []*resource.Resource{named, named, resource.Empty()} {
		spans = append(spans, tracetest.SpanStub{Resource: r}.Snapshot())
	}
	require.NoError(t, e.ExportSpans(t.Context(), spans))
	got := out.GetSpans()
	assert.Equal(t, resource.NewSchemaless(attribute.String("deployment.environment.name", "production"), attribute.String("deployment.environment", "production")), got[0].Resource)
	assert.Same(t, got[0].Resource, got[1].Resource, "made once")
	assert.Equal(t, resource.Empty(), got[2].Resource)
}

// Only what is exported has the keys; what stays in the program has none, and all that
// the border does still happens.
func TestWithDestination(t *testing.T) {
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	out, kept := tracetest.NewInMemoryExporter(), tracetest.NewSpanRecorder()
	shutdown, err := Init(t.Context(), WithDestination(Laminar), WithDestination(LangWatch), WithSpanExporter(exporterThatKeeps{out}),
		WithSpanProcessor(kept), WithoutGlobals(func(tp trace.TracerProvider, _ metric.MeterProvider) {
			_, span := tp.Tracer("t").Start(t.Context(), "s", trace.WithAttributes(
				attribute.String("session.id", "a\xff"), attribute.String("gen_ai.operation.name", "retrieval")))
			span.End()
		}))
	require.NoError(t, err)
	require.NoError(t, shutdown(t.Context()))
	assert.Len(t, kept.Ended()[0].Attributes(), 2)
	assert.Subset(t, out.GetSpans()[0].Attributes, []attribute.KeyValue{
		attribute.String("lmnr.association.properties.session_id", "a\uFFFD"), attribute.String("langwatch.span.type", "rag"),
	})

	_, err = Init(t.Context(), WithDestination("acme"))
	require.EqualError(t, err, `spanloom: WithDestination("acme"): use Laminar, Langfuse, LangWatch, MLflow, OpenLIT, OpenLLMetry or Phoenix`)
	_, err = Init(t.Context(), WithDestination(Phoenix), WithOwnTraces())
	require.ErrorContains(t, err, "WithDestination beside WithOwnTraces")
}

// exporterThatKeeps keeps its spans after the shutdown.
type exporterThatKeeps struct{ *tracetest.InMemoryExporter }

func (exporterThatKeeps) Shutdown(context.Context) error { return nil }
