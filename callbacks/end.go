// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"cmp"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// ErrUnwound is what a wrapper ends a span with when the inner call did not
// return: it panicked, or ended its goroutine. End works once, so a deferred
//
//	defer span.End(callbacks.ErrUnwound)
//
// below Start acts only then, and the panic passes untouched.
var ErrUnwound error = ownError{"the call did not return: panic or runtime.Goexit", "panic"}

// End closes the operation with the error of the inner call, or nil. It is the
// one place where status, error.type, duration, usage and metrics are
// recorded. Only the first call counts.
func (s *Span) End(err error) { s.end(err, true) }

// end is End. complete is false if something other than its own end event proved the
// operation to be over: what is not known is not recorded.
func (s *Span) end(err error, complete bool) {
	// A wrapper's deferred End does not need the lock.
	if s == nil || s.ended.Load() || !s.lock() {
		return
	}
	s.ended.Store(true)
	own, firstChunk, last := s.usage, s.firstChunk, genai.Exchange{}
	if s.requests != nil {
		own, last = s.requests.usage.Or(s.usage), s.requests.last
		firstChunk = cmp.Or(firstChunk, s.requests.streaming)
	}
	m := metrics.Measurement{Operation: s.operation, Workflow: s.workflow, Usage: own, TimeToFirstChunk: firstChunk}
	switch {
	case s.inner == nil:
	case s.isAgent():
		m.InferenceCalls, m.ToolCalls = s.inner.calls, s.inner.tools
		fallthrough
	case s.kind == KindWorkflow:
		m.Usage = m.Usage.Add(s.inner.usage)
	case s.kind == KindChat:
		m.Usage = beyond(own, s.inner.usage)
		own = m.Usage
	}
	// The retrieval around a search counts for both.
	if err == nil && (s.kind == KindRetrieval || s.parent == nil || s.parent.kind != KindRetrieval) {
		m.Empty, m.HasScore, m.BestScore = s.empty, s.hasScore, float64(s.bestScore)
	}
	s.mu.Unlock()
	// From here on the fields belong to this call alone: every other method
	// looks at ended first.

	if err == nil && complete && s.requests != nil {
		err = s.requests.failure()
	}
	if genai.IsEndless(err) {
		err = errEndless
	}
	var end time.Time
	if err != nil {
		end = time.Now()
		m.ErrorType = genai.ErrorType(err, s.ctx.Err(), last)
	}
	if s.recording && err != nil {
		s.recordError(err, m.ErrorType, last, end)
	}
	if s.recording {
		s.record(&m, complete)
	}
	m.Duration = s.endSpan(end, err != nil).Sub(s.start)
	if complete {
		m.Attributes = s.metricAttributes()
		s.h.recorder.Record(s.ctx.Context, m)
	}
	s.addToParents(own)
}

// endSpan ends OpenTelemetry's span and returns when. A policy for error messages takes
// time that is not the operation's. The SDK takes the time of a success itself, since an
// option would allocate.
func (s *Span) endSpan(at time.Time, failed bool) time.Time {
	if failed {
		s.span.End(trace.WithTimestamp(at))
		return at
	}
	s.span.End()
	if t, ok := s.span.(interface{ EndTime() time.Time }); ok && s.recording {
		return t.EndTime()
	}
	return time.Now()
}

// Keys of tokens, in one order. Backends add the first list up over all spans.
var (
	modelUsage = [...]attribute.Key{semconv.UsageInputTokens, semconv.UsageOutputTokens, semconv.UsageCacheRead, semconv.UsageCacheCreation, semconv.UsageReasoning}
	totalUsage = [...]attribute.Key{semconv.TotalInputTokens, semconv.TotalOutputTokens, semconv.TotalCacheRead, semconv.TotalCacheCreation, semconv.TotalReasoning}
)

func (s *Span) usageKeys() []attribute.Key {
	if agent := s.isAgent(); agent && !s.h.cfg.strict || s.kind == KindWorkflow && !agent {
		return totalUsage[:]
	}
	return modelUsage[:]
}

// record sets the attributes that wait for the end.
func (s *Span) record(m *metrics.Measurement, complete bool) {
	s.ensureBuffer()
	if r := s.requests; r != nil && r.truncated {
		s.set(semconv.Incomplete.Bool(true))
	} else if r != nil && r.complete {
		s.buf.drop(func(k attribute.Key) bool { return k == semconv.Incomplete })
	}
	kv, scalars := s.buf.kv, len(s.buf.kv)
	count := func(k attribute.Key, n int) {
		if n > 0 {
			kv = semconv.AppendInt(kv, k, n)
		}
	}
	sumsUp := s.kind == KindWorkflow || s.isAgent()
	keys := s.usageKeys()
	for i, n := range [...]int{m.Usage.Input, m.Usage.Output, m.Usage.CacheRead, m.Usage.CacheCreation, m.Usage.Reasoning} {
		count(keys[i], n)
	}
	if s.isAgent() {
		if s.finish.Type() != attribute.EMPTY {
			kv = append(kv, attribute.KeyValue{Key: semconv.ResponseFinishReasons, Value: s.finish})
		}
		kv = semconv.AppendInt(kv, semconv.AgentIterations, m.InferenceCalls)
		kv = semconv.AppendInt(kv, semconv.AgentToolCalls, m.ToolCalls)
	} else if usd, ok := s.h.recorder.Amount(m.Operation, m.Usage); ok && !sumsUp {
		kv = semconv.AppendFloat(kv, semconv.UsageCost, usd.Float64())
		s.cost = s.cost.Add(usd)
	} else if (s.kind == KindChat || s.kind == KindEmbeddings) && !m.Usage.IsZero() && s.h.recorder.HasPrices() {
		s.ensureInner().unpriced++
	}
	if sumsUp && s.cost > 0 {
		kv = semconv.AppendFloat(kv, semconv.CostTotal, s.cost.Float64())
		if s.inner != nil {
			count(semconv.CostUnpricedCalls, s.inner.unpriced)
		}
	}
	if m.TimeToFirstChunk > 0 {
		kv = semconv.AppendFloat(kv, semconv.TimeToFirstChunk, m.TimeToFirstChunk.Seconds())
	}
	if !complete {
		kv = append(kv, semconv.Incomplete.Bool(true))
	}
	if m.ErrorType != "" {
		kv = semconv.AppendString(kv, semconv.ErrorType, m.ErrorType)
	}
	ofEnd := s.h.allowed(kv[scalars:])
	kv = append(kv[:scalars+len(ofEnd)], s.buf.content...)
	if len(kv) > maxLate {
		s.span.SetAttributes(ofEnd...) // first, since the SDK drops what comes last
	}
	if len(kv) > 0 {
		s.span.SetAttributes(kv...)
	}
	s.buf.kv = kv
	s.buf.release()
	s.buf = nil
}

// messageLimit is in runes.
const messageLimit = 256

// ownError is a failure that the library has words for: they may always be shown.
type ownError struct{ message, errorType string }

func (e ownError) Error() string     { return e.message }
func (e ownError) ErrorType() string { return e.errorType }

// errEndless stands for an error that wraps itself.
var errEndless error = ownError{"an error whose Unwrap leads back to it", "_OTHER"}

// recordError sets the status of a failed span, and adds the event that backends read.
func (s *Span) recordError(err error, errorType string, last genai.Exchange, at time.Time) {
	message := s.errorMessage(err, errorType, last)
	s.span.SetStatus(codes.Error, message)
	s.span.AddEvent(semconv.ExceptionEvent, trace.WithTimestamp(at), trace.WithAttributes(
		semconv.ExceptionType.String(genai.ErrorGoType(err)), semconv.ExceptionMessage.String(message)))
}

// errorMessage is what may be shown of an error. Its message is content: without a
// policy for it, the error's type, status and code take its place.
func (s *Span) errorMessage(err error, errorType string, last genai.Exchange) (message string) {
	// Error, Is and As may be a program's, and panic.
	defer func() {
		if recover() != nil {
			message = errorType
		}
	}()
	if own, ok := errors.AsType[ownError](err); ok {
		return own.message
	}
	policies := s.errorPolicies()
	if len(policies) == 0 {
		return genai.DescribeError(err, errorType, last)
	}
	message = err.Error()
	for _, p := range policies {
		message = content.Apply(p, "", message, messageLimit)
	}
	return message
}
