// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// innerTotals sums up the operations below a Span.
type innerTotals struct {
	// calls and tools are sums: an agent reports them as its own.
	calls, tools int
	// usage is that of all operations below that have ended.
	usage metrics.Usage
	// unpriced counts the calls with tokens but without a price: the cost lacks them.
	unpriced int
	// nextTool is the tool that an executor is about to call.
	nextTool string
}

// ensureInner returns s.inner, made where there is none. s.mu must be held.
func (s *Span) ensureInner() *innerTotals {
	if s.inner == nil {
		s.inner = new(innerTotals)
	}
	return s.inner
}

// sums reports whether the operation needs to know of those below it. A chain that an
// event opened may turn out to be an executor.
func (s *Span) sums() bool {
	return s.kind == KindWorkflow || s.kind == KindAgent || s.kind == KindChat || s.kind == KindTask && s.ofEvent
}

// openAbove returns the innermost open operation around s that sums up. What has ended is
// looked at once, so that it costs nothing how many steps were started in one another's
// contexts.
func (s *Span) openAbove() *Span {
	p := s.above.Load()
	for p != nil && p.ended.Load() {
		p = p.above.Load()
	}
	s.above.Store(p)
	return p
}

func (s *Span) enclosingAgent() *Span {
	for p := s.above.Load(); p != nil; p = p.above.Load() {
		if p.isAgent() {
			return p
		}
	}
	return nil
}

func (s *Span) isAgent() bool { return s.kind == KindAgent || s.agent.Load() }

// becomeAgent makes a chain's span that of an agent. An executor is known as one
// only from its first action. Its name is unknown.
func (s *Span) becomeAgent() {
	if s.isAgent() || !s.lock() {
		return
	}
	defer s.mu.Unlock()
	s.agent.Store(true)
	info := &kinds[KindAgent]
	s.operation.Name, s.operation.Entity = info.Operation, ""
	if s.recording {
		s.span.SetName(info.Verb)
		s.span.SetAttributes(s.h.allowed([]attribute.KeyValue{
			semconv.OperationName.String(info.Operation),
			semconv.TraceloopSpanKind.String(info.Traceloop),
			semconv.OpenInferenceSpanKind.String("AGENT"),
		})...)
	}
}

// beyond returns the tokens of a model call without those that the calls inside it
// have counted. A router's answer repeats the usage of the model that it has asked.
func beyond(u, inside metrics.Usage) metrics.Usage {
	u = u.Sub(inside)
	return metrics.Usage{
		Input: max(u.Input, 0), Output: max(u.Output, 0), CacheRead: max(u.CacheRead, 0),
		CacheCreation: max(u.CacheCreation, 0), CacheCreation1h: max(u.CacheCreation1h, 0), Reasoning: max(u.Reasoning, 0),
		Cost: max(u.Cost, 0),
	}
}

// count adds an operation below s that has ended, and its usage without that of the
// operations below it. Of calls beyond an agent only the usage counts.
func (s *Span) count(call *Span, u metrics.Usage, beyondAgent bool) {
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	in := s.ensureInner()
	in.usage = in.usage.Add(u)
	switch {
	case beyondAgent:
	case call.kind == KindTool:
		in.tools++
	case call.kind == KindChat:
		if call.inner == nil || call.inner.calls == 0 {
			in.calls++ // else those inside it are counted
		}
		if call.finish.Type() != attribute.EMPTY {
			s.finish = call.finish
		}
	}
}

// addToParents adds the call, its own usage and the cost to the operations around.
func (s *Span) addToParents(own metrics.Usage) {
	// A sub-agent's calls are its own. Chains on the way count, too, since one of them
	// may turn out to be an executor. Beyond the agent are chats, which must know of the
	// calls inside.
	if s.kind == KindChat || s.kind == KindTool || !own.IsZero() {
		past := false
		for p := s.openAbove(); p != nil; p = p.openAbove() {
			p.count(s, own, past && p.kind != KindChat)
			past = past || p.isAgent()
		}
	}
	// A context may outlive its operation: what goes on in it after the end counts
	// for the next one around that is still open.
	for p := s.openAbove(); p != nil; p = s.openAbove() {
		if p.lock() {
			defer p.mu.Unlock()
			p.cost = p.cost.Add(s.cost)
			if s.inner != nil && s.inner.unpriced > 0 {
				p.ensureInner().unpriced += s.inner.unpriced
			}
			return
		}
	}
}
