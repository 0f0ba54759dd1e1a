// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"cmp"
	"context"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// policies are those of a Handler, or those of a context, which go first. A nil
// pointer is one that nobody has set. The same pointer means the same policy, since
// functions cannot be compared.
type policies struct{ input, output, errors *privacy.Policy }

func records(p *privacy.Policy) bool { return p != nil && p.Records() }

func isNone(p *privacy.Policy) bool { return p != nil && !p.Records() }

func (s *Span) inputPolicy() *privacy.Policy {
	return cmp.Or(s.ctx.scope.content.input, s.h.cfg.content.input)
}

func (s *Span) outputPolicy() *privacy.Policy {
	return cmp.Or(s.ctx.scope.content.output, s.h.cfg.content.output)
}

// RecordsContent reports whether a content policy of the Handler or of ctx lets anything
// of what operations are given, and return, onto spans. A wrapper that must do work to
// have the content asks first.
func (h *Handler) RecordsContent(ctx context.Context) (input, output bool) {
	if h == nil {
		return false, false
	}
	of := scopeFrom(orBackground(ctx)).content
	return records(cmp.Or(of.input, h.cfg.content.input)), records(cmp.Or(of.output, h.cfg.content.output))
}

// errorPolicies are applied to an error's message one after the other. Without
// any the message is not shown.
func (s *Span) errorPolicies() []privacy.Policy {
	ctx, explicit := &s.ctx.scope.content, s.h.cfg.content.errors
	in, out := s.inputPolicy(), s.outputPolicy()
	switch {
	case isNone(ctx.input), isNone(ctx.output), isNone(explicit):
		return nil // an error may quote what the context keeps out
	case explicit != nil:
		return []privacy.Policy{*explicit}
	case !records(in), !records(out):
		return nil
	case in == out:
		return []privacy.Policy{*in}
	}
	return []privacy.Policy{*in, *out} // an error may quote either
}

// direction is which side of an operation content is of.
type direction bool

const input, output direction = false, true

// render makes the attributes of content. It calls the program's policy, which may
// be slow: s.mu must not be held. A kind of operation has at most four attributes
// of content, or six of half the size, which bounds the content of a span.
func (s *Span) render(v any, d direction) (rendered []attribute.KeyValue) {
	if !s.recording || v == nil {
		return nil
	}
	policy, attributes := s.inputPolicy(), s.inputAttributes
	if d == output {
		policy, attributes = s.outputPolicy(), s.outputAttributes
	}
	if !records(policy) {
		return nil
	}
	defer func() { _ = recover() }() // values of a program may do anything when they are read
	limits := content.Limits{Runes: s.h.cfg.contentLimit, Bytes: s.h.cfg.contentSize}
	switch s.kind {
	case KindWorkflow, KindTask, KindAgent, KindRetrieval:
		limits.Bytes /= 2 // their content is under several keys
	}
	return s.h.allowed(attributes(v, content.NewGate(*policy, limits)))
}

// inputAttributes says which attribute carries the content of each kind.
// traceloop.entity.* stays off chat spans: Langfuse would show it instead of the
// messages.
func (s *Span) inputAttributes(v any, gate *content.Gate) []attribute.KeyValue {
	switch s.kind {
	case KindChat:
		return s.chatInput(v, gate)
	case KindTool:
		if d, ok := v.(content.ToolDescription); ok {
			return attributes(content.Text(string(d), gate), semconv.ToolDescription)
		}
		return attributes(content.Arguments(v, gate), semconv.ToolCallArguments)
	case KindRetrieval, KindVectorStore:
		switch v := v.(type) {
		case []schema.Document:
			return attributes(content.Documents(v, gate), semconv.RetrievalDocuments)
		case *content.Added:
			return attributes(v.Render(gate), semconv.RetrievalDocuments)
		case content.Filter:
			return attributes(v.Render(gate), semconv.RetrievalFilters)
		}
		return attributes(content.Text(v, gate), s.withEntity(semconv.RetrievalQueryText, semconv.TraceloopEntityInput)...)
	}
	return s.chainContent(v, gate, input)
}

// chainContent is the content of what has no form of its own. Phoenix shows it from
// input.value, MLflow, Langfuse and Traceloop from traceloop's keys, others as messages.
func (s *Span) chainContent(v any, gate *content.Gate, d direction) []attribute.KeyValue {
	entity, value, messages, render := semconv.TraceloopEntityInput, semconv.InputValue, semconv.InputMessages, content.InputMessage
	if d == output {
		entity, value, messages, render = semconv.TraceloopEntityOutput, semconv.OutputValue, semconv.OutputMessages, content.OutputMessage
	}
	if s.kind == KindEmbeddings {
		return attributes(content.Text(v, gate), entity)
	}
	text := content.MessageText(v, gate)
	kv := [...]attribute.KeyValue{entity.String(text), value.String(text), messages.String(render(text))}
	if s.kind == KindTask && !s.isAgent() {
		return kv[:2]
	}
	return kv[:]
}

func (s *Span) chatInput(v any, gate *content.Gate) []attribute.KeyValue {
	var messages []llms.MessageContent
	switch v := v.(type) {
	case *[]llms.MessageContent:
		if v != nil {
			messages = *v
		}
	case []llms.MessageContent:
		messages = v
	case []string:
		for _, text := range v {
			messages = append(messages, llms.TextParts(llms.ChatMessageTypeHuman, text))
		}
	case []llms.Tool:
		if !s.h.cfg.toolDefinitions {
			return nil
		}
		return attributes(content.ToolDefinitions(v, gate), semconv.ToolDefinitions)
	case content.StopWords:
		return []attribute.KeyValue{semconv.RequestStopSequences.StringSlice(v.Render(gate))}
	default:
		return attributes(content.InputMessage(content.MessageText(v, gate)), semconv.InputMessages)
	}
	return attributes(content.InputMessages(messages, gate), semconv.InputMessages)
}

func (s *Span) outputAttributes(v any, gate *content.Gate) []attribute.KeyValue {
	switch s.kind {
	case KindChat:
		if res, ok := v.(*llms.ContentResponse); ok {
			return attributes(content.OutputMessages(res, gate), semconv.OutputMessages)
		}
		return attributes(content.OutputMessage(content.MessageText(v, gate)), semconv.OutputMessages)
	case KindTool:
		return attributes(content.Arguments(v, gate), semconv.ToolCallResult)
	case KindRetrieval, KindVectorStore:
		if docs, ok := v.([]schema.Document); ok {
			return attributes(content.Documents(docs, gate), s.withEntity(semconv.RetrievalDocuments, semconv.TraceloopEntityOutput)...)
		}
	}
	return s.chainContent(v, gate, output)
}

// withEntity repeats content of a retrieval under traceloop's key: backends show it from
// there. The store call below a retrieval is not shown as one, and documents are long.
func (s *Span) withEntity(key, entity attribute.Key) []attribute.Key {
	if s.kind == KindRetrieval {
		return []attribute.Key{key, entity}
	}
	return []attribute.Key{key}
}

func attributes(text string, keys ...attribute.Key) []attribute.KeyValue {
	kv := make([]attribute.KeyValue, len(keys))
	for i, k := range keys {
		kv[i] = k.String(text)
	}
	return kv
}
