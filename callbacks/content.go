// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
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
		if ms, ok := v.([]llms.MessageContent); ok {
			return []attribute.KeyValue{semconv.InputMessages.String(genai.InputMessages(ms, gate))}
		}
		if prompt, ok := v.(string); ok {
			ms := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, prompt)}
			return []attribute.KeyValue{semconv.InputMessages.String(genai.InputMessages(ms, gate))}
		}
	case KindTool:
		return []attribute.KeyValue{semconv.ToolCallArguments.String(genai.Text(v, gate))}
	case KindRetrieval, KindVectorStore:
		if docs, ok := v.([]schema.Document); ok {
			return []attribute.KeyValue{semconv.RetrievalDocuments.String(genai.Documents(docs, gate))}
		}
		text := genai.Text(v, gate)
		return []attribute.KeyValue{semconv.RetrievalQueryText.String(text), semconv.TraceloopEntityInput.String(text)}
	}
	return []attribute.KeyValue{semconv.TraceloopEntityInput.String(genai.Text(v, gate))}
}

func (s *Span) outputAttributes(v any, gate genai.Gate) []attribute.KeyValue {
	switch s.kind {
	case KindChat:
		if res, ok := v.(*llms.ContentResponse); ok {
			return []attribute.KeyValue{semconv.OutputMessages.String(genai.OutputMessages(res, gate))}
		}
		if answer, ok := v.(string); ok {
			res := &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: answer}}}
			return []attribute.KeyValue{semconv.OutputMessages.String(genai.OutputMessages(res, gate))}
		}
	case KindTool:
		return []attribute.KeyValue{semconv.ToolCallResult.String(genai.Text(v, gate))}
	case KindRetrieval, KindVectorStore:
		if docs, ok := v.([]schema.Document); ok {
			text := genai.Documents(docs, gate)
			return []attribute.KeyValue{semconv.RetrievalDocuments.String(text), semconv.TraceloopEntityOutput.String(text)}
		}
	}
	return []attribute.KeyValue{semconv.TraceloopEntityOutput.String(genai.Text(v, gate))}
}
