// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/semconv"
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
	// recording is what the span said at its start: asking takes its lock.
	recording bool
	kind      Kind
	name      string
	start     time.Time
	// seq orders the spans of the program: a span with a higher number was
	// started later, whatever the clock says.
	seq      uint64
	workflow string
	path     string

	// mu guards all below. ended changes under it, too, so that under it nothing
	// happens after the end.
	mu    sync.Mutex
	ended atomic.Bool
	// agent is set when a chain turns out to be an executor.
	agent atomic.Bool
	// empty is set when nothing was found.
	empty bool
	facts facts
	// usage is what the operation as a whole is said to have used; the requests
	// know better where they tell it.
	usage metrics.Usage
	// requests and inside are nil until there is one, and one: most operations
	// have none, and each pays for the size of a Span.
	requests *requests
	inside   *inside
	// buf waits for End. There is none if nothing is recorded.
	buf *buffer
	// firstChunk and lastChunk are how long after the start the answer's chunks
	// came, zero before it begins.
	firstChunk, lastChunk time.Duration
	// contentSize is the bytes of content that wait for End, and those reserved.
	contentSize int
	// cost is that of the operation and of all inside it that have ended.
	cost metrics.USD
	// finish is the value of the finish reasons, an agent's that of the last call
	// inside.
	finish attribute.Value
}

// inside is what the operations inside of one told, and events of it.
type inside struct {
	// calls, tools and usage are sums: an agent reports them as its own.
	calls, tools int
	usage        metrics.Usage
	// unpriced are the calls with tokens that no price is for: the cost lacks them.
	unpriced int
	// nextTool is the tool that an executor is about to call.
	nextTool string
}

// within returns s.inside to be written. The lock is the caller's affair.
func (s *Span) within() *inside {
	if s.inside == nil {
		s.inside = new(inside)
	}
	return s.inside
}

var sequence atomic.Uint64

func (h *Handler) start(sc *scope, parentCtx context.Context, parent *Span, kind Kind, name string, attrs []attribute.KeyValue) *Span {
	kind = kind.valid()
	info := &kinds[kind]
	s := &Span{
		h:      h,
		parent: parent,
		kind:   kind,
		name:   h.cleanName(name),
		seq:    sequence.Add(1),
	}
	if parent != nil {
		s.workflow, s.path = parent.workflow, parent.childPath()
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
		kv = h.allowed(appendAssociation(kv, kind, sc.association))
		now := kv[:min(len(kv), maxEager)]
		buf.options = [...]trace.SpanStartOption{spanKindOptions[kind], trace.WithAttributes(now...)}
		s.ctx.Context, s.span = h.tracer.Start(parentCtx, s.spanName(info), buf.options[:]...)
		buf.kv, buf.sent = kv, len(now)
		s.buf = buf
	}
	if s.recording = s.buf != nil && s.span.IsRecording(); !s.recording {
		s.buf.release()
		s.buf = nil
	}
	s.ctx.scope = sc
	s.ctx.span = s
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

func (s *Span) spanName(info *semconv.Kind) string {
	n := spanName{info.Verb, s.name}
	if s.kind == KindVectorStore {
		n = spanName{s.name, s.facts.dbCollection}
	}
	switch "" {
	case n.name:
		return n.verb
	case n.verb:
		return n.name
	}
	return s.h.names.Get(n, spanName.join)
}

// spanName is a key of the handler's joined names: there are few, and joining
// allocates.
type spanName struct{ verb, name string }

func (n spanName) join() string { return n.verb + " " + n.name }

// childPath is traceloop.entity.path of the children: the names of the
// operations below the workflow, joined by dots, the workflow left out.
func (s *Span) childPath() string {
	switch {
	case s.kind == KindWorkflow || s.parent == nil || kinds[s.kind].Traceloop == "":
		return s.path
	case s.path == "":
		return s.name
	}
	return s.path + "." + s.name
}

// metricAttributes are the association properties that metrics may carry.
func (s *Span) metricAttributes() []attribute.KeyValue {
	if len(s.h.cfg.metricKeys) == 0 {
		return nil
	}
	return s.h.allowed(s.ctx.scope.metricAttributes(s.h.cfg.metricKeys))
}

// IsRecording reports whether the span shows anywhere: content and attributes
// that cost something to make need not be made for one that does not. Usage and
// metrics count all the same.
func (s *Span) IsRecording() bool { return s != nil && s.recording }

// SetAttributes sets attributes, which reach the span when it ends. Those that
// metrics carry (response model, server address) reach the metrics too.
func (s *Span) SetAttributes(attrs ...attribute.KeyValue) {
	if s == nil || len(attrs) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Load() {
		return
	}
	s.set(s.note(attrs)...)
}

// set sets attributes of a span that shows. The lock is the caller's affair.
func (s *Span) set(attrs ...attribute.KeyValue) {
	switch {
	case !s.recording:
	case !s.h.cfg.strict:
		s.buf.set(attrs...)
	default:
		for _, a := range attrs {
			if s.h.allows(a.Key) {
				s.buf.set(a)
			}
		}
	}
}

func (s *Span) isEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended.Load()
}

// SetInput hands over what the operation was given: messages of a chat, a query,
// documents, a tool's arguments, a chain's values. With a content policy it
// becomes the kind's content attribute, rendered before SetInput returns, so
// that v may change afterwards; without one nothing of it is recorded. A pointer
// to messages is as good as the messages, and saves the allocation of making an
// interface of a slice.
func (s *Span) SetInput(v any) {
	s.setContent(v, input)
}

// SetOutput hands over what the operation gave back, as [Span.SetInput] does.
func (s *Span) SetOutput(v any) {
	s.setContent(v, output)
}

// SetResult is SetOutput, SetUsage and SetAttributes in one: what a wrapper knows
// when the call returns, and cheaper than to say it in three calls. A nil output
// and a usage of nothing change nothing.
func (s *Span) SetResult(out any, u metrics.Usage, attrs ...attribute.KeyValue) {
	if s == nil {
		return
	}
	rendered := s.render(out, output)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Load() {
		return
	}
	if !u.IsZero() {
		s.usage = u
	}
	s.set(s.note(attrs)...)
	s.keep(rendered)
}

func (s *Span) setContent(v any, d direction) {
	rendered := s.render(v, d)
	if len(rendered) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended.Load() {
		s.keep(rendered)
	}
}

// SetUsage sets the tokens the operation used; unknown counts are zero. End
// puts them on the span and into the metrics, and adds them to the agent around
// the operation.
func (s *Span) SetUsage(u metrics.Usage) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended.Load() {
		s.usage = u
	}
}

// Chunk notes that a chunk of a streamed answer has come, now: the first gives
// gen_ai.response.time_to_first_chunk and its histogram, each further one a
// point of the time per output chunk. Chunks after End count for nothing; some
// providers send them.
func (s *Span) Chunk() {
	if s == nil {
		return
	}
	now := time.Now()
	s.mu.Lock()
	if s.ended.Load() {
		s.mu.Unlock()
		return
	}
	last := s.lastChunk
	s.lastChunk = max(now.Sub(s.start), 1)
	if last == 0 {
		s.firstChunk = s.lastChunk
	}
	gap, op := s.lastChunk-last, s.operation()
	s.mu.Unlock()
	if last != 0 {
		s.h.recorder.RecordChunk(&s.ctx, op, gap, s.metricAttributes()...)
	}
}

// Kind is what the operation was started as; 0 for a nil Span.
func (s *Span) Kind() Kind {
	if s == nil {
		return 0
	}
	return s.kind
}

// String names the span for debugging.
func (s *Span) String() string {
	if s == nil {
		return "<no span>"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimSpace(s.spanName(&kinds[s.kind]))
}
