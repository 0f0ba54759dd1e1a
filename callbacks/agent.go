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

func (s *Span) countCall(kind Kind, u metrics.Usage, finish attribute.Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Load() {
		return
	}
	if kind == KindTool {
		s.ensureInner().tools++
		return
	}
	in := s.ensureInner()
	in.calls++
	in.usage = in.usage.Add(u)
	if finish.Type() != attribute.EMPTY {
		s.finish = finish
	}
}
