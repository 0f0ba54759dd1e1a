// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// inputAttributes says which attribute carries the input of each kind.
// traceloop.entity.* stays off chat spans: Langfuse would show it instead of
// the messages.
func (s *Span) inputAttributes(v any, gate genai.Gate) []attribute.KeyValue {
	switch s.kind {
	case KindChat:
		if p, ok := v.(*[]llms.MessageContent); ok && p != nil {
			v = *p
		}
		if ms, ok := v.([]llms.MessageContent); ok {
			return []attribute.KeyValue{semconv.InputMessages.String(genai.InputMessages(ms, gate))}
		}
		if tools, ok := v.([]llms.Tool); ok {
			if !s.h.cfg.toolDefinitions {
				return nil
			}
			return []attribute.KeyValue{semconv.ToolDefinitions.String(genai.ToolDefinitions(tools, gate))}
		}
		prompts, ok := v.([]string)
		if !ok {
			prompts = []string{asText(v)}
		}
		ms := make([]llms.MessageContent, len(prompts))
		for i, p := range prompts {
			ms[i] = llms.TextParts(llms.ChatMessageTypeHuman, p)
		}
		return []attribute.KeyValue{semconv.InputMessages.String(genai.InputMessages(ms, gate))}
	case KindTool:
		return []attribute.KeyValue{semconv.ToolCallArguments.String(genai.Arguments(v, gate))}
	case KindRetrieval, KindVectorStore:
		if docs, ok := v.([]schema.Document); ok {
			return []attribute.KeyValue{semconv.RetrievalDocuments.String(genai.Documents(docs, gate))}
		}
		if added, ok := v.(*genai.Added); ok {
			return []attribute.KeyValue{semconv.RetrievalDocuments.String(added.Render(gate))}
		}
		if o, ok := v.(vectorstores.Options); ok {
			return []attribute.KeyValue{semconv.RetrievalFilters.String(genai.Filter(o.Filters, gate))}
		}
		text := genai.Text(v, gate)
		return s.withEntity(semconv.RetrievalQueryText.String(text), semconv.TraceloopEntityInput)
	}
	return []attribute.KeyValue{semconv.TraceloopEntityInput.String(genai.Text(v, gate))}
}

func (s *Span) outputAttributes(v any, gate genai.Gate) []attribute.KeyValue {
	switch s.kind {
	case KindChat:
		if res, ok := v.(*llms.ContentResponse); ok {
			return []attribute.KeyValue{semconv.OutputMessages.String(genai.OutputMessages(res, gate))}
		}
		res := &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: asText(v)}}}
		return []attribute.KeyValue{semconv.OutputMessages.String(genai.OutputMessages(res, gate))}
	case KindTool:
		return []attribute.KeyValue{semconv.ToolCallResult.String(genai.Arguments(v, gate))}
	case KindRetrieval, KindVectorStore:
		if docs, ok := v.([]schema.Document); ok {
			return s.withEntity(semconv.RetrievalDocuments.String(genai.Documents(docs, gate)), semconv.TraceloopEntityOutput)
		}
		if added, ok := v.(*genai.Added); ok {
			return []attribute.KeyValue{semconv.RetrievalDocuments.String(added.Render(gate))}
		}
	}
	return []attribute.KeyValue{semconv.TraceloopEntityOutput.String(genai.Text(v, gate))}
}

// withEntity repeats content of a retrieval under traceloop's key: backends show
// it from there. The store call below a retrieval is not shown as one, and
// documents are long.
func (s *Span) withEntity(a attribute.KeyValue, key attribute.Key) []attribute.KeyValue {
	if s.kind != KindRetrieval {
		return []attribute.KeyValue{a}
	}
	return []attribute.KeyValue{a, {Key: key, Value: a.Value}}
}

// asText turns a value that is no message into the text of one. The gate sees
// the text as a whole later.
func asText(v any) string {
	return genai.Text(v, func(s string) string { return s })
}
