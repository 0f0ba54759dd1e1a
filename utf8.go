// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// Protobuf encodes no string with an invalid byte: the whole request fails.

// validSpans returns the spans with U+FFFD in place of invalid bytes. It returns
// spans itself where all are valid, and never changes it.
func validSpans(spans []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	out := spans
	for i, s := range spans {
		if isValidSpan(s) {
			continue
		}
		if &out[0] == &spans[0] {
			out = slices.Clone(spans)
		}
		stub := tracetest.SpanStubFromReadOnlySpan(s)
		repair(reflect.ValueOf(&stub).Elem(), true)
		out[i] = stub.Snapshot()
	}
	return out
}

func validMetrics(m *metricdata.ResourceMetrics) *metricdata.ResourceMetrics {
	if repair(reflect.ValueOf(m).Elem(), false) {
		return m
	}
	repaired := *m
	repair(reflect.ValueOf(&repaired).Elem(), true)
	return &repaired
}

// validStreams is a view for readers whose export is not seen, such as that of
// Prometheus, where one bad label fails each scrape. A view cannot change a label:
// it leaves the bad one out.
func validStreams(i sdkmetric.Instrument) (sdkmetric.Stream, bool) {
	return sdkmetric.Stream{
		Name:            i.Name,
		Description:     validText(i.Description),
		Unit:            validText(i.Unit),
		AttributeFilter: isValidAttribute,
	}, true
}

func validResource(r *resource.Resource) *resource.Resource {
	attrs := r.Attributes() // a copy
	repair(reflect.ValueOf(&attrs).Elem(), true)
	return resource.NewWithAttributes(validText(r.SchemaURL()), attrs...)
}

// isValidSpan is for every span and allocates nothing, but for the copies of lists
// that the SDK makes.
func isValidSpan(s sdktrace.ReadOnlySpan) bool {
	scope := s.InstrumentationScope()
	if !utf8.ValidString(s.Name()) || !utf8.ValidString(s.Status().Description) || !areValid(s.Attributes()) ||
		!utf8.ValidString(scope.Name) || !utf8.ValidString(scope.Version) || !utf8.ValidString(scope.SchemaURL) || !isValidSet(&scope.Attributes) {
		return false
	}
	events, links := s.Events(), s.Links()
	for i := range events {
		if !utf8.ValidString(events[i].Name) || !areValid(events[i].Attributes) {
			return false
		}
	}
	for i := range links {
		if !areValid(links[i].Attributes) {
			return false
		}
	}
	return true
}

func areValid(attrs []attribute.KeyValue) bool {
	for i := range attrs {
		if !isValidAttribute(attrs[i]) {
			return false
		}
	}
	return true
}

func isValidSet(s *attribute.Set) bool {
	for i := range s.Len() {
		if kv, _ := s.Get(i); !isValidAttribute(kv) {
			return false
		}
	}
	return true
}

func isValidAttribute(kv attribute.KeyValue) bool {
	return utf8.ValidString(string(kv.Key)) && isValidValue(kv.Value)
}

func isValidValue(v attribute.Value) bool {
	switch v.Type() {
	case attribute.STRING:
		return utf8.ValidString(v.AsString())
	case attribute.STRINGSLICE:
		return !slices.ContainsFunc(v.AsStringSlice(), func(s string) bool { return !utf8.ValidString(s) })
	case attribute.SLICE:
		return !slices.ContainsFunc(v.AsSlice(), func(v attribute.Value) bool { return !isValidValue(v) })
	case attribute.MAP:
		return areValid(v.AsMap())
	default:
		return true
	}
}

// repair makes all strings below v valid, if it may write, and reports whether they
// are. It writes to no slice, set or aggregation that v shares with others.
func repair(v reflect.Value, write bool) (valid bool) {
	switch p := v.Addr().Interface().(type) {
	case *attribute.Value:
		if write {
			*p = mapTexts(*p, validText)
		}
		return isValidValue(*p)
	case *attribute.Set:
		if write {
			attrs := p.ToSlice() // a copy
			repair(reflect.ValueOf(&attrs).Elem(), true)
			*p = attribute.NewSet(attrs...)
		}
		return isValidSet(p)
	}
	switch v.Kind() {
	case reflect.String:
		if write {
			v.SetString(validText(v.String()))
		}
		return utf8.ValidString(v.String())
	case reflect.Struct:
		return repairEach(v.NumField(), v.Field, write)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Struct {
			return true // numbers
		}
		if write {
			v.Set(reflect.AppendSlice(reflect.Zero(v.Type()), v))
		}
		return repairEach(v.Len(), v.Index, write)
	case reflect.Interface:
		if v.IsNil() {
			return true
		}
		held := reflect.New(v.Elem().Type()).Elem()
		held.Set(v.Elem())
		if valid = repair(held, write); write {
			v.Set(held)
		}
		return valid
	default:
		return true
	}
}

func repairEach(n int, at func(int) reflect.Value, write bool) (valid bool) {
	valid = true
	for i := range n {
		if part := at(i); part.CanSet() {
			valid = repair(part, write) && valid
		}
	}
	return valid
}

func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// mapTexts returns v with f of each string in it.
func mapTexts(v attribute.Value, f func(string) string) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(f(v.AsString()))
	case attribute.STRINGSLICE:
		list := v.AsStringSlice() // a copy, as below
		for i := range list {
			list[i] = f(list[i])
		}
		return attribute.StringSliceValue(list)
	case attribute.SLICE:
		list := v.AsSlice()
		for i := range list {
			list[i] = mapTexts(list[i], f)
		}
		return attribute.SliceValue(list...)
	case attribute.MAP:
		list := v.AsMap()
		for i := range list {
			list[i] = attribute.KeyValue{Key: attribute.Key(f(string(list[i].Key))), Value: mapTexts(list[i].Value, f)}
		}
		return attribute.MapValue(list...)
	default:
		return v
	}
}
