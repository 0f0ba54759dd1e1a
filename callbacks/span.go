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
	empty  bool
	labels metricLabels
	// usage is what SetUsage was given. The requests' own sum comes before it.
	usage metrics.Usage
	// requests and inner are nil until something is to be kept: most operations
	// have neither, and each pays for the size of a Span.
	requests *requests
	inner    *innerTotals
	// buf waits for End. There is none if nothing is recorded.
	buf *buffer
	// firstChunk and lastChunk are how long after the start the answer's chunks
	// came, zero before it begins.
	firstChunk, lastChunk time.Duration
	// contentSize is the bytes of content that wait for End, and those reserved.
	contentSize int
	// cost is that of the operation and of all below it that have ended.
	cost metrics.USD
	// finish is the value of the finish reasons. An agent has those of its last call.
	finish attribute.Value
}

// innerTotals sums up the operations below a Span.
type innerTotals struct {
	// calls, tools and usage are sums: an agent reports them as its own.
	calls, tools int
	usage        metrics.Usage
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
		n = spanName{s.name, s.labels.dbCollection}
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
	if len(s.path) > maxPath {
		return s.path // steps may be started in one another's contexts without end
	}
	return s.path + "." + s.name
}

// maxPath is in bytes, and but for one name more.
const maxPath = 1024

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

// set sets attributes if the span is recorded. s.mu must be held.
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

// SetInput records what the operation was given: messages of a chat, a query,
// documents, a tool's arguments, a chain's values. With a content policy it becomes
// the kind's content attribute; without one nothing of it is recorded. SetInput
// keeps no reference to v. A pointer to messages works as the messages do, and saves
// an allocation.
func (s *Span) SetInput(v any) {
	s.setContent(v, input)
}

// SetOutput records what the operation returned, as [Span.SetInput] does.
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

// Chunk records that a chunk of a streamed answer has come, now. The first gives
// gen_ai.response.time_to_first_chunk and its histogram, each further one a point of
// the time per output chunk. Chunks after End, which some providers send, do not
// count.
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
