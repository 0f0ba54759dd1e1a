// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/spanloom/spanloom/traceview"
)

func html(t *testing.T, spans []sdktrace.ReadOnlySpan) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, traceview.WriteHTML(&b, spans))
	return b.String()
}

var dataOf = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

type pageSpan struct {
	Name, Kind, Error, Note, Input, Output string
	Depth                                  int
	Start, Duration                        float64
	Failed                                 bool
	Messages                               []struct {
		Role   string
		Output bool
		Parts  []struct{ Type, Text, Name, ID string }
	}
	Documents []struct {
		ID, Content string
		Score       *float64
	}
	Attributes map[string]any
}

type pageTrace struct {
	ID, Name string
	Failed   bool
	Duration float64
	Spans    []pageSpan
}

func data(t *testing.T, page string) (traces []pageTrace) {
	t.Helper()
	m := dataOf.FindStringSubmatch(page)
	require.NotNil(t, m)
	require.NoError(t, json.Unmarshal([]byte(m[1]), &traces))
	return traces
}

// span is a finished span with the attributes.
func span(name string, attrs ...attribute.KeyValue) sdktrace.ReadOnlySpan {
	return tracetest.SpanStub{Name: name, Attributes: attrs}.Snapshot()
}

func TestPageHasTheTree(t *testing.T) {
	traces := data(t, html(t, recorded(t, "ask", "again")))
	require.Len(t, traces, 2)
	ask := traces[0]
	assert.Equal(t, "invoke_workflow ask", ask.Name)
	assert.InDelta(t, 100_000, ask.Duration, 0.1)
	assert.False(t, ask.Failed, "the workflow went on after the tool's failure")
	var kinds []string
	for _, s := range ask.Spans {
		kinds = append(kinds, s.Kind)
	}
	assert.Equal(t, []string{"workflow", "retrieval", "chat", "tool"}, kinds)
	chat, tool := ask.Spans[2], ask.Spans[3]
	assert.Equal(t, 1, chat.Depth)
	assert.InDelta(t, 10_000, chat.Start, 0.1)
	assert.InDelta(t, 80_000, chat.Duration, 0.1)
	assert.Equal(t, "1000 → 20 tokens  $0.001200  1 retry", chat.Note)
	assert.True(t, tool.Failed)
	assert.Equal(t, "_OTHER: *errors.errorString", tool.Error)
}

func TestPageIsSmallAndLoadsNothing(t *testing.T) {
	page := html(t, nil)
	assert.Less(t, len(page), 300_000)
	for _, bad := range []string{"http://", "https://", "src=", "@import", "url("} {
		assert.NotContains(t, page, bad)
	}
}

// The browser runs only what the policy names: the hashes must be of what the
// elements hold.
func TestPagePolicy(t *testing.T) {
	page := html(t, recorded(t, "ask"))
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	require.NotNil(t, policy)
	allowed := strings.ReplaceAll(policy[1], "&#43;", "+")
	assert.Contains(t, allowed, "default-src &#39;none&#39;")
	for _, element := range []string{`(?s)<style>(.*?)</style>`, `(?s)<script>(.*?)</script>`} {
		body := regexp.MustCompile(element).FindStringSubmatch(page)
		require.NotNil(t, body, element)
		sum := sha256.Sum256([]byte(body[1]))
		assert.Contains(t, allowed, "sha256-"+base64.StdEncoding.EncodeToString(sum[:]))
	}
}

func TestHostileContentStaysText(t *testing.T) {
	evil := `</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>`
	page := html(t, []sdktrace.ReadOnlySpan{span(evil, attribute.String("gen_ai.retrieval.query.text", evil))})
	assert.NotContains(t, page, "alert(1)</script>")
	assert.NotContains(t, page, "<img")
	assert.Equal(t, evil, data(t, page)[0].Spans[0].Name)
	assert.Equal(t, evil, data(t, page)[0].Spans[0].Input)
}

func TestConventions(t *testing.T) {
	str := attribute.String
	tests := []struct {
		name string
		span sdktrace.ReadOnlySpan
		want pageSpan
	}{
		{
			"GenAI",
			span(
				"chat m", str("gen_ai.operation.name", "chat"), attribute.Int("gen_ai.usage.input_tokens", 3), attribute.Int("gen_ai.usage.output_tokens", 4),
				str("gen_ai.system_instructions", `[{"type":"text","content":"be brief"}]`),
				str("gen_ai.input.messages", `[{"role":"user","parts":[{"type":"text","content":"q"}]}]`),
				str("gen_ai.output.messages", `[{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Cairo"}}],"finish_reason":"tool_call"}]`),
			),
			pageSpan{Kind: "chat", Note: "3 → 4 tokens"},
		},
		{
			"OpenLLMetry",
			span(
				"openai.chat", str("llm.request.type", "chat"), attribute.Int("gen_ai.usage.prompt_tokens", 3), attribute.Int("gen_ai.usage.completion_tokens", 4),
				str("gen_ai.prompt.0.role", "system"), str("gen_ai.prompt.0.content", "be brief"),
				str("gen_ai.prompt.1.role", "user"), str("gen_ai.prompt.1.content", "q"),
				str("gen_ai.completion.0.role", "assistant"), str("gen_ai.completion.0.tool_calls.0.id", "c1"),
				str("gen_ai.completion.0.tool_calls.0.name", "weather"), str("gen_ai.completion.0.tool_calls.0.arguments", `{"city":"Cairo"}`),
			),
			pageSpan{Kind: "chat", Note: "3 → 4 tokens"},
		},
		{
			"OpenInference",
			span(
				"ChatOpenAI", str("openinference.span.kind", "LLM"), attribute.Int("llm.token_count.prompt", 3), attribute.Int("llm.token_count.completion", 4),
				str("llm.input_messages.0.message.role", "system"), str("llm.input_messages.0.message.content", "be brief"),
				str("llm.input_messages.1.message.role", "user"), str("llm.input_messages.1.message.content", "q"),
				str("llm.output_messages.0.message.role", "assistant"), str("llm.output_messages.0.message.tool_calls.0.tool_call.id", "c1"),
				str("llm.output_messages.0.message.tool_calls.0.tool_call.function.name", "weather"),
				str("llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", `{"city":"Cairo"}`),
			),
			pageSpan{Kind: "chat", Note: "3 → 4 tokens"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := data(t, html(t, []sdktrace.ReadOnlySpan{tt.span}))[0].Spans[0]
			assert.Equal(t, tt.want.Kind, got.Kind)
			assert.Equal(t, tt.want.Note, got.Note)
			require.Len(t, got.Messages, 3)
			assert.Equal(t, "system", got.Messages[0].Role)
			assert.Equal(t, "be brief", got.Messages[0].Parts[0].Text)
			assert.Equal(t, "q", got.Messages[1].Parts[0].Text)
			answer := got.Messages[2]
			assert.True(t, answer.Output)
			assert.Equal(t, "weather", answer.Parts[0].Name)
			assert.Equal(t, "c1", answer.Parts[0].ID)
			assert.JSONEq(t, `{"city":"Cairo"}`, answer.Parts[0].Text)
			for key := range got.Attributes {
				assert.NotContains(t, key, "message", "what is shown as chat is not shown twice")
				assert.NotContains(t, key, "prompt.")
			}
		})
	}
}

func TestContentOfAnAgentIsShownOnce(t *testing.T) {
	str := attribute.String
	const message = `[{"role":"user","parts":[{"type":"text","content":"q"}]}]`
	agent := func(attrs ...attribute.KeyValue) pageSpan {
		attrs = append(attrs, str("gen_ai.operation.name", "invoke_agent"), str("gen_ai.input.messages", message))
		return data(t, html(t, []sdktrace.ReadOnlySpan{span("invoke_agent a", attrs...)}))[0].Spans[0]
	}
	got := agent(str("traceloop.entity.input", "q"), str("input.value", "q"))
	assert.Equal(t, "q", got.Input)
	assert.Empty(t, got.Messages)
	assert.NotContains(t, got.Attributes, "input.value")
	assert.NotContains(t, got.Attributes, "gen_ai.input.messages")
	assert.Len(t, agent().Messages, 1, "other programs and strict mode have messages alone")
}

func TestDocuments(t *testing.T) {
	str := attribute.String
	for name, s := range map[string]sdktrace.ReadOnlySpan{
		"GenAI": span("retrieval", str("gen_ai.operation.name", "retrieval"), str("gen_ai.retrieval.documents", `[{"id":"1","score":0.5,"content":"c"}]`)),
		"OpenInference": span("retrieve", str("openinference.span.kind", "RETRIEVER"), str("retrieval.documents.0.document.id", "1"),
			attribute.Float64("retrieval.documents.0.document.score", 0.5), str("retrieval.documents.0.document.content", "c")),
	} {
		t.Run(name, func(t *testing.T) {
			got := data(t, html(t, []sdktrace.ReadOnlySpan{s}))[0].Spans[0]
			assert.Equal(t, "retrieval", got.Kind)
			require.Len(t, got.Documents, 1)
			assert.Equal(t, "1", got.Documents[0].ID)
			assert.Equal(t, "c", got.Documents[0].Content)
			require.NotNil(t, got.Documents[0].Score)
			assert.InDelta(t, 0.5, *got.Documents[0].Score, 1e-9)
		})
	}
}
