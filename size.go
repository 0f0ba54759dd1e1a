// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Sizes are upper bounds of what protobuf makes of a value, in bytes. A sum of
// them is an upper bound of the request.
const (
	headerSize = 6  // a field's tag, and the length of what follows
	scalarSize = 11 // a tag, and a number of any kind
	// emptySpanSize is of ids, times, flags, kind, status and counts.
	emptySpanSize = 160
)

// spanSize counts the scope with each span.
func spanSize(s sdktrace.ReadOnlySpan) int {
	scope := s.InstrumentationScope()
	n := emptySpanSize + len(s.Name()) + len(s.Status().Description) + attributesSize(s.Attributes())
	if state := s.SpanContext().TraceState(); state.Len() > 0 {
		n += len(state.String())
	}
	n += 6*headerSize + len(scope.Name) + len(scope.Version) + len(scope.SchemaURL) + setSize(scope.Attributes.Iter())
	events, links := s.Events(), s.Links()
	for i := range events {
		n += 4*scalarSize + len(events[i].Name) + attributesSize(events[i].Attributes)
	}
	for i := range links {
		const ids = 16 + 8
		n += ids + 5*scalarSize + attributesSize(links[i].Attributes)
	}
	return n
}

func resourceSize(r *resource.Resource) int {
	return 6*headerSize + len(r.SchemaURL()) + setSize(r.Iter())
}

func setSize(attrs attribute.Iterator) (n int) {
	for attrs.Next() {
		n += attributeSize(attrs.Attribute())
	}
	return n
}

func attributesSize(attrs []attribute.KeyValue) (n int) {
	for i := range attrs {
		n += attributeSize(attrs[i])
	}
	return n
}

func attributeSize(kv attribute.KeyValue) int {
	return 3*headerSize + len(kv.Key) + valueSize(kv.Value)
}

func valueSize(v attribute.Value) int {
	switch v.Type() {
	case attribute.STRING, attribute.BYTESLICE:
		return headerSize + len(v.AsString())
	case attribute.STRINGSLICE:
		n := headerSize
		for _, s := range v.AsStringSlice() {
			n += 2*headerSize + len(s)
		}
		return n
	case attribute.BOOLSLICE:
		return headerSize + len(v.AsBoolSlice())*(headerSize+scalarSize)
	case attribute.INT64SLICE:
		return headerSize + len(v.AsInt64Slice())*(headerSize+scalarSize)
	case attribute.FLOAT64SLICE:
		return headerSize + len(v.AsFloat64Slice())*(headerSize+scalarSize)
	case attribute.SLICE:
		n := headerSize
		for _, element := range v.AsSlice() {
			n += headerSize + valueSize(element)
		}
		return n
	case attribute.MAP:
		return headerSize + attributesSize(v.AsMap())
	default:
		return scalarSize
	}
}
