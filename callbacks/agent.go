// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

func (s *Span) enclosingAgent() *Span {
	for p := s.parent; p != nil; p = p.parent {
		if p.isAgent() {
			return p
		}
	}
	return nil
}

func (s *Span) isAgent() bool { return s.kind == KindAgent || s.agent.Load() }

func (s *Span) takeNextTool() (name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner != nil {
		name, s.inner.nextTool = s.inner.nextTool, ""
	}
	return name
}

// becomeAgent makes a chain's span that of an agent. An executor is known as one
// only from its first action. Its name is unknown.
func (s *Span) becomeAgent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Load() || s.kind == KindAgent || !s.agent.CompareAndSwap(false, true) {
		return
	}
	info := &kinds[KindAgent]
	if s.recording {
		s.span.SetName(info.Verb)
		s.span.SetAttributes(s.h.allowed([]attribute.KeyValue{
			semconv.OperationName.String(info.Operation),
			semconv.TraceloopSpanKind.String(info.Traceloop),
			semconv.OpenInferenceSpanKind.String("AGENT"),
		})...)
	}
}

// isAroundChats reports whether the operation is a chat with others inside, as those
// of a router or a fallback. Their requests count in the innermost chats.
func (s *Span) isAroundChats() bool {
	return s.kind == KindChat && s.inner != nil && s.inner.calls > 0
}

// countCall adds the call below to the sums of s.
func (s *Span) countCall(below *Span, u metrics.Usage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Load() {
		return
	}
	in := s.ensureInner()
	if below.kind == KindTool {
		in.tools++
		return
	}
	if !below.isAroundChats() {
		in.calls++
	}
	in.usage = in.usage.Add(u)
	if below.finish.Type() != attribute.EMPTY {
		s.finish = below.finish
	}
}
