// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/terminal"
)

// span is a finished span, whatever convention named its attributes.
type span struct {
	sdktrace.ReadOnlySpan
	attrs []attribute.KeyValue
	// shown, unless nil, gets the attributes that take has returned.
	shown map[attribute.Key]bool
}

func spanOf(s sdktrace.ReadOnlySpan) span {
	return span{ReadOnlySpan: s, attrs: s.Attributes()}
}

func (s span) value(key attribute.Key) (v attribute.Value) {
	for _, a := range s.attrs {
		if a.Key == key {
			v = a.Value
		}
	}
	return v
}

// text is the first of the keys that has a text.
func (s span) text(keys ...attribute.Key) string {
	for _, key := range keys {
		if v := s.value(key); v.Type() == attribute.STRING && v.AsString() != "" {
			return v.AsString()
		}
	}
	return ""
}

// take is text, and marks the attribute as shown.
func (s span) take(keys ...attribute.Key) (first string) {
	for _, key := range keys {
		text := s.text(key)
		first = cmp.Or(first, text)
		if text != "" && text == first {
			s.mark(key) // also where the same stands under another key again
		}
	}
	return first
}

func (s span) mark(key attribute.Key) {
	if s.shown != nil {
		s.shown[key] = true
	}
}

// number is the first of the keys that has a number, whatever its type.
func (s span) number(keys ...attribute.Key) (n float64, ok bool) {
	for _, key := range keys {
		switch v := s.value(key); v.Type() {
		case attribute.INT64:
			return float64(v.AsInt64()), true
		case attribute.FLOAT64:
			return v.AsFloat64(), true
		}
	}
	return 0, false
}

// kindValues has the kinds that are shown apart, by the values of the attributes that name an operation's kind: of the
// GenAI conventions, of OpenLLMetry and of OpenInference, in lower case.
var kindValues = map[string]string{
	"chat": "chat", "text_completion": "chat", "generate_content": "chat", "completion": "chat", "llm": "chat",
	"embeddings": "embeddings", "embedding": "embeddings",
	"retrieval": "retrieval", "retriever": "retrieval", "reranker": "retrieval",
	"invoke_agent": "agent", "create_agent": "agent", "agent": "agent",
	"execute_tool": "tool", "tool": "tool",
	"invoke_workflow": "workflow", "workflow": "workflow",
	"task": "task", "chain": "task",
}

// kindKeys are asked in this order.
var kindKeys = []attribute.Key{semconv.OperationName, semconv.TraceloopSpanKind, semconv.OpenInferenceSpanKind, "llm.request.type"}

func (s span) kind() string {
	for _, key := range kindKeys {
		if kind, ok := kindValues[strings.ToLower(s.text(key))]; ok {
			return kind
		}
	}
	if s.text(semconv.DBSystemName, "db.system") != "" {
		return "store"
	}
	return "other"
}

func (s span) model() string {
	return s.text(semconv.RequestModel, semconv.ResponseModel, "llm.model_name", "embedding.model_name", "llm.request.model")
}

// entity is the name of a workflow, task, agent or tool, without the verb in front.
func (s span) entity() string {
	return cmp.Or(s.text(semconv.TraceloopEntityName, semconv.AgentName, semconv.ToolName, semconv.WorkflowName), s.Name())
}

// tokens are those of a call, or an agent's total. A workflow's is in the tables.
func (s span) tokens() (input, output int64, ok bool) {
	in, hasIn := s.number(semconv.UsageInputTokens, "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
	out, hasOut := s.number(semconv.UsageOutputTokens, "gen_ai.usage.completion_tokens", "llm.token_count.completion")
	if !hasIn && !hasOut && s.kind() == "agent" {
		in, hasIn = s.number(semconv.TotalInputTokens)
		out, hasOut = s.number(semconv.TotalOutputTokens)
	}
	return int64(in), int64(out), hasIn || hasOut
}

func (s span) cost() (usd float64, ok bool) {
	return s.number(semconv.UsageCost, "llm.cost.total")
}

func (s span) traceID() trace.TraceID { return s.SpanContext().TraceID() }

func (s span) duration() time.Duration { return s.EndTime().Sub(s.StartTime()) }

func (s span) failed() bool { return s.Status().Code == codes.Error }

func (s span) retries() (n int) {
	for _, e := range s.Events() {
		if e.Name == genai.RetryEvent {
			n++
		}
	}
	return n
}

// failure is the error of a span that has one.
func (s span) failure() string {
	if !s.failed() {
		return ""
	}
	return strings.TrimSpace("ERROR " + terminal.Isolate(terminal.Line(s.Status().Description)))
}

// facts are the tokens, cost, retries and counts of a span.
func (s span) facts() string {
	var parts []string
	if in, out, ok := s.tokens(); ok {
		parts = append(parts, fmt.Sprintf("%d → %d tokens", in, out))
	}
	if usd, ok := s.cost(); ok && usd > 0 {
		parts = append(parts, terminal.Dollars(usd))
	}
	if n := s.retries(); n > 0 {
		parts = append(parts, terminal.Plural(n, "retry", "retries"))
	}
	if n, ok := s.number(semconv.RetrievalDocumentCount); ok {
		parts = append(parts, terminal.Plural(int(n), "document", "documents"))
	}
	if n, ok := s.number(semconv.EmbeddingsBatchSize); ok {
		parts = append(parts, terminal.Plural(int(n), "text", "texts"))
	}
	return strings.Join(parts, gap)
}
