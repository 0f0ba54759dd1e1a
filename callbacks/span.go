// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/metrics"
)

// Span is one open operation. It is safe for concurrent use, and a nil *Span,
// which Start returns when nothing is recorded, does nothing. After End every
// method is without effect.
type Span struct {
	h      *Handler
	span   trace.Span
	ctx    spanContext
	parent *Span
	name   string
	start  time.Time
	// seq orders the spans of the program: a span with a higher number was
	// started later, whatever the clock says.
	seq      uint64
	workflow string
	path     string
	kind     Kind
	// ofEvent is set if an event opened the operation.
	ofEvent bool
	// recording is what the span said at its start: asking takes its lock.
	recording bool
	// above is the innermost operation around that sums up, see openAbove.
	above atomic.Pointer[Span]

	// mu guards all below. ended changes under it, too, so that under it nothing
	// happens after the end.
	mu    sync.Mutex
	ended atomic.Bool
	// agent is set when a chain turns out to be an executor.
	agent atomic.Bool
	// empty is set when nothing was found, hasScore with the best score.
	empty, hasScore bool
	bestScore       float32
	// operation describes the Span to package metrics.
	operation metrics.Operation
	// usage is what SetUsage was given. The requests' own sum comes before it.
	usage metrics.Usage
	// requests and inner are nil until something is to be kept: most operations
	// have neither, and each pays for the size of a Span.
	requests *requests
	inner    *innerTotals
	// buf waits for End. It is nil while nothing does, which saves memory where many
	// operations are open.
	buf *buffer
	// firstChunk and lastChunk are how long after the start the answer's chunks
	// came, zero before it begins.
	firstChunk, lastChunk time.Duration
	// cost is that of the operation and of all below it that have ended.
	cost metrics.USD
	// finish is the value of the finish reasons. An agent has those of its last call.
	finish attribute.Value
}

var sequence atomic.Uint64

func (h *Handler) start(sc *scope, parentCtx context.Context, parent *Span, kind Kind, name string, attrs []attribute.KeyValue) *Span {
	s := &Span{h: h, parent: parent, kind: kind.valid(), name: h.cleanName(name), seq: sequence.Add(1)}
	if parent != nil {
		s.workflow, s.path = parent.workflow, parent.childPath()
		if s.above.Store(parent); !parent.sums() || parent.ended.Load() {
			s.above.Store(parent.openAbove())
		}
	}
	s.adoptName()
	attrs = s.note(attrs)
	if h.noop {
		// Metrics alone are left, and they have what they need.
		s.ctx.Context, s.span = h.tracer.Start(parentCtx, "")
	} else {
		buf := getBuffer()
		kv := s.identity(buf.kv)
		kv = append(kv, attrs...)
		kv = append(kv, h.cfg.attributes...)
		kv = h.allowed(appendAssociation(kv, s.kind, sc.association))
		now := min(len(kv), maxEager)
		buf.options = [...]trace.SpanStartOption{spanKindOptions[s.kind], trace.WithAttributes(kv[:now]...)}
		s.ctx.Context, s.span = h.tracer.Start(parentCtx, s.spanName(), buf.options[:]...)
		buf.kv = slices.Delete(kv, 0, now)
		if s.recording = s.span.IsRecording(); s.recording && len(buf.kv) > 0 {
			s.buf = buf
		} else {
			buf.release()
		}
	}
	s.ctx.scope, s.ctx.span = sc, s
	// A duration metric must equal the span's duration, so the SDK's own start
	// is taken where it shows.
	if t, ok := s.span.(interface{ StartTime() time.Time }); ok {
		s.start = t.StartTime()
	}
	if s.start.IsZero() {
		s.start = time.Now()
	}
	return s
}

// metricAttributes are the association properties that metrics may carry.
func (s *Span) metricAttributes() (kv []attribute.KeyValue) {
	for _, p := range s.ctx.scope.association {
		if slices.Contains(s.h.cfg.metricKeys, p.Key) {
			kv = append(kv, p)
		}
	}
	return s.h.allowed(kv)
}

// Kind is what the operation was started as; 0 for a nil Span.
func (s *Span) Kind() Kind {
	if s == nil {
		return 0
	}
	return s.kind
}

// TraceID is the id of the span's trace, "" if there is none: to print beside an
// answer, or to put into a log.
func (s *Span) TraceID() string {
	if s == nil || !s.span.SpanContext().HasTraceID() {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}

// IsRecording reports whether the span shows anywhere: content and attributes
// that cost something to make need not be made for one that does not. Usage and
// metrics count all the same.
func (s *Span) IsRecording() bool { return s != nil && s.recording }

// lock locks s.mu, unless the Span is nil or has ended.
func (s *Span) lock() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	if s.ended.Load() {
		s.mu.Unlock()
		return false
	}
	return true
}

// SetAttributes sets attributes, which reach the span when it ends. Those that
// metrics carry (response model, server address) reach the metrics too.
func (s *Span) SetAttributes(attrs ...attribute.KeyValue) {
	s.update(nil, output, nil, attrs)
}

// SetInput records what the operation was given: messages of a chat, a query, documents,
// a tool's arguments, a chain's values. With a content policy it becomes the kind's
// content attribute; without one nothing of it is recorded. SetInput keeps no reference
// to v. A pointer to messages works as the messages do, and saves an allocation.
func (s *Span) SetInput(v any) { s.update(v, input, nil, nil) }

// SetOutput records what the operation returned, as [Span.SetInput] does.
func (s *Span) SetOutput(v any) { s.update(v, output, nil, nil) }

// SetUsage sets the tokens the operation used; unknown counts are zero. End puts them on
// the span and into the metrics, and adds them to the agent around the operation.
func (s *Span) SetUsage(u metrics.Usage) { s.update(nil, output, &u, nil) }

// SetResult is SetOutput, SetUsage and SetAttributes in one: what a wrapper knows
// when the call returns, and cheaper than to say it in three calls. A nil output
// and a usage of nothing change nothing.
func (s *Span) SetResult(out any, u metrics.Usage, attrs ...attribute.KeyValue) {
	s.update(out, output, &u, attrs)
}

// update sets what is not empty. v is content of direction d.
func (s *Span) update(v any, d direction, u *metrics.Usage, attrs []attribute.KeyValue) {
	if s == nil {
		return
	}
	rendered := s.render(v, d)
	if len(rendered) == 0 && len(attrs) == 0 && u == nil || !s.lock() {
		return
	}
	defer s.mu.Unlock()
	if u != nil && !u.IsZero() {
		s.usage = *u
	}
	s.set(s.note(attrs)...)
	for _, a := range rendered {
		b := s.ensureBuffer()
		b.content = setKey(b.content, a)
	}
}

// set sets attributes if the span is recorded. s.mu must be held.
func (s *Span) set(attrs ...attribute.KeyValue) {
	if !s.recording || len(attrs) == 0 {
		return
	}
	if s.h.cfg.strict {
		attrs = s.h.allowed(slices.Clone(attrs))
	}
	s.ensureBuffer().set(attrs...)
}

// AddEvent adds an event to the span, at once. Attributes are recorded as they
// are: content does not belong there.
func (s *Span) AddEvent(name string, attrs ...attribute.KeyValue) {
	if s.IsRecording() && s.lock() {
		defer s.mu.Unlock()
		s.span.AddEvent(name, trace.WithAttributes(s.h.allowed(slices.Clone(attrs))...))
	}
}

// AddRetry records an event "retry", and one more in the metric spanloom.retries: a
// wrapper tries the operation again after wait. attempt is the number of the attempt to
// come, from 2, and errorType is of the failed one. All attempts are one operation.
func (s *Span) AddRetry(attempt int, wait time.Duration, errorType string) {
	s.AddEvent(genai.RetryEvent, genai.RetryAttributes(attempt, wait, errorType)...)
	if s.lock() {
		op := s.operation
		s.mu.Unlock()
		s.h.recorder.RecordRetry(&s.ctx, op, s.metricAttributes()...)
	}
}
