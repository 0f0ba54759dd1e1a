// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// direction is which side of an operation content is of.
type direction uint8

const (
	input direction = iota
	output
)

// attributesPerSpan is how many content attributes of full size a span may have.
const attributesPerSpan = 4

// render makes the attributes of content, with what the span has left of its
// bytes. It calls the program's policy, which may be slow: s.mu must not be held.
func (s *Span) render(v any, d direction) (rendered []attribute.KeyValue) {
	if s == nil || !s.recording || v == nil {
		return nil
	}
	if _, isAdded := v.(*content.Added); isAdded {
		d = input // also when the store has told their ids
	}
	policy := s.inputPolicy()
	if d == output {
		policy = s.outputPolicy()
	}
	if policy.policy == nil {
		return nil
	}
	room := s.reserveContent()
	defer func() {
		s.returnContent(room)
		// Values of a program may do anything when they are read.
		if recover() != nil {
			rendered = nil
		}
	}()
	size := room
	if s.kind == KindRetrieval {
		size /= 2 // its content is under two keys
	}
	r := renderer{span: s, policy: policy.policy, limits: content.Limits{Runes: s.h.cfg.contentLimit, Bytes: size}}
	if d == input {
		return s.h.allowed(r.input(v))
	}
	return s.h.allowed(r.output(v))
}

func (s *Span) reserveContent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	room := min(s.h.cfg.contentSize, attributesPerSpan*s.h.cfg.contentSize-s.contentSize)
	s.contentSize += room
	return room
}

func (s *Span) returnContent(room int) {
	s.mu.Lock()
	s.contentSize -= room
	s.mu.Unlock()
}

// keep keeps rendered attributes until the end. s.mu must be held.
func (s *Span) keep(rendered []attribute.KeyValue) {
	for _, a := range rendered {
		s.contentSize += sizeOf(a.Value)
		for _, old := range s.buf.content {
			if old.Key == a.Key {
				s.contentSize -= sizeOf(old.Value)
			}
		}
		s.buf.content = setKey(s.buf.content, a)
	}
}

func sizeOf(v attribute.Value) (n int) {
	if v.Type() == attribute.STRINGSLICE {
		for _, s := range v.AsStringSlice() {
			n += len(s)
		}
		return n
	}
	return len(v.AsString())
}

// renderer says which attribute carries the content of each kind.
// traceloop.entity.* stays off chat spans: Langfuse would show it instead of the
// messages.
type renderer struct {
	span   *Span
	policy privacy.Policy
	limits content.Limits
}

func (r renderer) gate() *content.Gate { return content.NewGate(r.policy, r.limits) }

func (r renderer) input(v any) []attribute.KeyValue {
	switch r.span.kind {
	case KindChat:
		return r.chatInput(v)
	case KindTool:
		return attrs(semconv.ToolCallArguments.String(content.Arguments(v, r.gate())))
	case KindRetrieval, KindVectorStore:
		switch v := v.(type) {
		case []schema.Document:
			return attrs(semconv.RetrievalDocuments.String(content.Documents(v, r.gate())))
		case *content.Added:
			return attrs(semconv.RetrievalDocuments.String(v.Render(r.gate())))
		case content.Filter:
			return attrs(semconv.RetrievalFilters.String(v.Render(r.gate())))
		}
		text := content.Text(v, r.gate())
		return r.withEntity(semconv.RetrievalQueryText.String(text), semconv.TraceloopEntityInput)
	}
	return attrs(semconv.TraceloopEntityInput.String(content.Text(v, r.gate())))
}

func (r renderer) chatInput(v any) []attribute.KeyValue {
	switch p := v.(type) {
	case *[]llms.MessageContent:
		if p == nil {
			return nil
		}
		return r.messages(*p)
	case []llms.MessageContent:
		return r.messages(p)
	case []llms.Tool:
		if !r.span.h.cfg.toolDefinitions {
			return nil
		}
		return attrs(semconv.ToolDefinitions.String(content.ToolDefinitions(p, r.gate())))
	case content.StopWords:
		return attrs(semconv.RequestStopSequences.StringSlice(p.Render(r.gate())))
	case []string:
		ms := make([]llms.MessageContent, len(p))
		for i, text := range p {
			ms[i] = llms.TextParts(llms.ChatMessageTypeHuman, text)
		}
		return r.messages(ms)
	}
	return attrs(semconv.InputMessages.String(content.InputMessage(v, r.gate())))
}

func (r renderer) messages(ms []llms.MessageContent) []attribute.KeyValue {
	return attrs(semconv.InputMessages.String(content.InputMessages(ms, r.gate())))
}

func (r renderer) output(v any) []attribute.KeyValue {
	switch r.span.kind {
	case KindChat:
		if res, ok := v.(*llms.ContentResponse); ok {
			return attrs(semconv.OutputMessages.String(content.OutputMessages(res, r.gate())))
		}
		return attrs(semconv.OutputMessages.String(content.OutputMessage(v, r.gate())))
	case KindTool:
		return attrs(semconv.ToolCallResult.String(content.Arguments(v, r.gate())))
	case KindRetrieval, KindVectorStore:
		if docs, ok := v.([]schema.Document); ok {
			return r.withEntity(semconv.RetrievalDocuments.String(content.Documents(docs, r.gate())), semconv.TraceloopEntityOutput)
		}
	}
	return attrs(semconv.TraceloopEntityOutput.String(content.Text(v, r.gate())))
}

// withEntity repeats content of a retrieval under traceloop's key: backends show
// it from there. The store call below a retrieval is not shown as one, and
// documents are long.
func (r renderer) withEntity(a attribute.KeyValue, key attribute.Key) []attribute.KeyValue {
	if r.span.kind != KindRetrieval {
		return attrs(a)
	}
	return attrs(a, attribute.KeyValue{Key: key, Value: a.Value})
}

func attrs(kv ...attribute.KeyValue) []attribute.KeyValue { return kv }
