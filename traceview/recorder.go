// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	defaultTraces = 200
	defaultBytes  = 64 << 20
	// slowest is how many of the slowest traces are kept like failed ones.
	slowest = 10
)

// RecorderOption configures a [Recorder]. A nil RecorderOption is ignored.
type RecorderOption interface{ applyTo(*Recorder) }

type recorderOption func(*Recorder)

func (f recorderOption) applyTo(r *Recorder) { f(r) }

// WithMaxTraces bounds the number of traces that are kept. Default: 200.
func WithMaxTraces(n int) RecorderOption {
	return recorderOption(func(r *Recorder) { r.maxTraces = cmp.Or(max(n, 0), defaultTraces) })
}

// WithMaxBytes bounds the memory of the traces that are kept, estimated from the texts of
// their spans. Default: 64 MiB.
func WithMaxBytes(n int) RecorderOption {
	return recorderOption(func(r *Recorder) { r.maxBytes = cmp.Or(max(n, 0), defaultBytes) })
}

// Recorder is a span processor that keeps the newest traces in memory, for
// [Handler], [Tree] and [WriteHTML]. It is safe for concurrent use.
//
// It is bounded by the number of traces and by bytes. The ten slowest traces and the newest
// failed ones, up to half of all, are forgotten after the others.
type Recorder struct {
	maxTraces, maxBytes int

	mu     sync.Mutex
	traces map[trace.TraceID]*keptTrace
	order  []*keptTrace // oldest first
	slow   []*keptTrace // the slowest of order, the newer ones of equals
	bytes  int
}

type keptTrace struct {
	id         trace.TraceID
	spans      []sdktrace.ReadOnlySpan // only ever appended to
	bytes      int
	failed     bool
	start, end time.Time
	entry      func() entry // of the spans; nil when these have changed
}

func (t *keptTrace) duration() time.Duration { return t.end.Sub(t.start) }

var _ sdktrace.SpanProcessor = (*Recorder)(nil)

// NewRecorder returns a Recorder; give it to spanloom.WithSpanProcessor or to a
// TracerProvider.
func NewRecorder(opts ...RecorderOption) *Recorder {
	r := &Recorder{maxTraces: defaultTraces, maxBytes: defaultBytes, traces: map[trace.TraceID]*keptTrace{}}
	for _, o := range opts {
		if o != nil {
			o.applyTo(r)
		}
	}
	return r
}

// OnStart does nothing.
func (r *Recorder) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd keeps the span.
func (r *Recorder) OnEnd(s sdktrace.ReadOnlySpan) {
	size := sizeOf(s)
	r.mu.Lock()
	defer r.mu.Unlock()
	id := s.SpanContext().TraceID()
	t, ok := r.traces[id]
	if !ok {
		t = &keptTrace{id: id, start: s.StartTime(), end: s.EndTime()}
	}
	if t.bytes+size > r.maxBytes {
		return // a trace that alone is too large keeps its first spans
	}
	if !ok {
		r.traces[id] = t
		r.order = append(r.order, t)
	}
	t.spans = append(t.spans, s)
	t.entry = nil
	t.bytes += size
	r.bytes += size
	t.failed = t.failed || s.Status().Code == codes.Error
	if s.StartTime().Before(t.start) {
		t.start = s.StartTime()
	}
	if s.EndTime().After(t.end) {
		t.end = s.EndTime()
	}
	r.rank(t)
	for len(r.order) > r.maxTraces || r.bytes > r.maxBytes {
		r.forget(r.least(t))
	}
}

// rank puts t among the slowest if it is one of them. r.mu must be held.
func (r *Recorder) rank(t *keptTrace) {
	if !slices.Contains(r.slow, t) {
		r.slow = append(r.slow, t)
	}
	if len(r.slow) > slowest {
		fastest := slices.MinFunc(r.slow, func(a, b *keptTrace) int { return cmp.Compare(a.duration(), b.duration()) })
		r.unrank(fastest)
	}
}

func (r *Recorder) unrank(t *keptTrace) {
	r.slow = slices.DeleteFunc(r.slow, func(other *keptTrace) bool { return other == t })
}

// least returns the index of the trace to forget: the oldest that is neither slow nor one
// of the failed ones that may stay, else the oldest; never current. Of few traces none is
// slow. r.mu must be held.
func (r *Recorder) least(current *keptTrace) int {
	tooManyFailed := -len(r.order) / 2
	for _, t := range r.order {
		if t.failed {
			tooManyFailed++
		}
	}
	few := len(r.order) <= 2*slowest
	oldest := -1
	for i, t := range r.order {
		switch {
		case t == current:
		case (!t.failed || tooManyFailed > 0) && (few || !slices.Contains(r.slow, t)):
			return i
		case oldest < 0:
			oldest = i
		}
	}
	return oldest
}

// forget removes a trace. r.mu must be held.
func (r *Recorder) forget(i int) {
	t := r.order[i]
	r.order = slices.Delete(r.order, i, i+1)
	r.unrank(t)
	delete(r.traces, t.id)
	r.bytes -= t.bytes
}

// Spans returns the spans that are kept, those of the oldest trace first.
func (r *Recorder) Spans() (spans []sdktrace.ReadOnlySpan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.order {
		spans = append(spans, t.spans...)
	}
	return spans
}

// Trace returns the spans of one trace that are kept.
func (r *Recorder) Trace(id trace.TraceID) []sdktrace.ReadOnlySpan {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t, ok := r.traces[id]; ok {
		return slices.Clone(t.spans)
	}
	return nil
}

// entries returns what the list shows of each trace, oldest first, made once until the
// trace changes.
func (r *Recorder) entries() []entry {
	r.mu.Lock()
	makers := make([]func() entry, len(r.order))
	for i, t := range r.order {
		if t.entry == nil {
			spans := t.spans
			t.entry = sync.OnceValue(func() entry { return entryOf(spans) })
		}
		makers[i] = t.entry
	}
	r.mu.Unlock()
	entries := make([]entry, len(makers))
	for i, entryOf := range makers {
		entries[i] = entryOf()
	}
	slices.SortFunc(entries, func(a, b entry) int { return byAge(a.head, b.head) })
	return entries
}

// Reset forgets all traces.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.traces, r.order, r.slow, r.bytes = map[trace.TraceID]*keptTrace{}, nil, nil, 0
}

// ForceFlush does nothing.
func (r *Recorder) ForceFlush(context.Context) error { return nil }

// Shutdown does nothing: what is kept can still be looked at.
func (r *Recorder) Shutdown(context.Context) error { return nil }

// sizeOf estimates the bytes of a span: what the SDK keeps for any span and attribute,
// and the texts.
func sizeOf(s sdktrace.ReadOnlySpan) int {
	const perSpan, perAttribute = 700, 80
	size := perSpan + len(s.Name()) + len(s.Status().Description)
	add := func(attrs []attribute.KeyValue) {
		for _, a := range attrs {
			size += perAttribute + len(a.Key)
			switch a.Value.Type() {
			case attribute.STRING:
				size += len(a.Value.AsString())
			case attribute.STRINGSLICE:
				for _, t := range a.Value.AsStringSlice() {
					size += len(t) + 16
				}
			}
		}
	}
	add(s.Attributes())
	for _, e := range s.Events() {
		size += perAttribute
		add(e.Attributes)
	}
	return size
}
