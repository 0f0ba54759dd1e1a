// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Of OpenTelemetry's default limit of 128 attributes, Start takes maxEager at most. The
// rest is left to what End sets: the SDK drops what comes last, and that is the tokens.
const (
	maxEager = 100
	maxLate  = 128 - maxEager
)

// buffer holds the attributes that the span does not have yet, from Start to End. The
// SDK copies what it is given.
type buffer struct {
	kv []attribute.KeyValue
	// content comes last, after the tokens: the SDK drops what comes after its
	// limit of attributes.
	content []attribute.KeyValue
	options [2]trace.SpanStartOption
}

var buffers = sync.Pool{New: func() any { return &buffer{kv: make([]attribute.KeyValue, 0, 32)} }}

func getBuffer() *buffer { return buffers.Get().(*buffer) } //nolint:forcetypeassert // the pool holds nothing else

// ensureBuffer returns s.buf, made where there is none. s.mu must be held.
func (s *Span) ensureBuffer() *buffer {
	if s.buf == nil {
		s.buf = getBuffer()
	}
	return s.buf
}

// set appends, and the span lets the last of several values of a key count. Looking
// for the key each time would cost more than the rest of a call's attributes. Only a
// full buffer is compacted, so that a key set again and again does not fill it.
func (b *buffer) set(attrs ...attribute.KeyValue) {
	if len(b.kv)+len(attrs) > cap(b.kv) {
		b.compact()
		if len(b.kv) > cap(b.kv)/2 {
			b.kv = slices.Grow(b.kv, cap(b.kv))
		}
	}
	b.kv = append(b.kv, attrs...)
}

// compact keeps of a key that waits more than once the last value, in the first
// one's place, as the SDK does.
func (b *buffer) compact() {
	kept := b.kv[:0]
	for _, a := range b.kv {
		kept = setKey(kept, a)
	}
	clear(b.kv[len(kept):])
	b.kv = kept
}

// drop takes back attributes.
func (b *buffer) drop(match func(attribute.Key) bool) {
	b.kv = slices.DeleteFunc(b.kv, func(a attribute.KeyValue) bool { return match(a.Key) })
}

// release forgets the contents, which may be somebody's prompt. What is behind
// the slice's end was cleared before.
func (b *buffer) release() {
	if cap(b.kv) > 4*maxEager {
		return
	}
	clear(b.kv)
	clear(b.content)
	*b = buffer{kv: b.kv[:0], content: b.content[:0]}
	buffers.Put(b)
}

func setKey(kv []attribute.KeyValue, a attribute.KeyValue) []attribute.KeyValue {
	if i := slices.IndexFunc(kv, func(b attribute.KeyValue) bool { return a.Key == b.Key }); i >= 0 {
		kv[i] = a
		return kv
	}
	return append(kv, a)
}
