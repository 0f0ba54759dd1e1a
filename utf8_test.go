// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

const badText, goodText = "J\xf6rg", "J�rg"

// kinds are attributes with text in each place that an attribute has for it.
func kinds(text string) []attribute.KeyValue {
	value := attribute.StringValue(text)
	return []attribute.KeyValue{
		attribute.String(text, "key"), attribute.Int("n", 1), attribute.Float64Slice("vector", []float64{1, 2}),
		{Key: "string", Value: value},
		attribute.StringSlice("list", []string{"a", text, "b"}),
		{Key: "slice", Value: attribute.SliceValue(attribute.IntValue(1), value)},
		{Key: "map", Value: attribute.MapValue(attribute.String("k", text), attribute.String(text, "v"))},
		{Key: "deep", Value: attribute.MapValue(attribute.KeyValue{Key: "k", Value: attribute.SliceValue(value)})},
		{Key: "bytes", Value: attribute.ByteSliceValue([]byte("\xff"))},
	}
}

func scopeOf(text string) instrumentation.Scope {
	return instrumentation.Scope{Name: text, Version: text, SchemaURL: text, Attributes: attribute.NewSet(kinds(text)...)}
}

func spanOf(text string) sdktrace.ReadOnlySpan {
	return tracetest.SpanStub{
		Name: text, Status: sdktrace.Status{Description: text}, Attributes: kinds(text), InstrumentationScope: scopeOf(text),
		Events: []sdktrace.Event{{Name: "e"}, {Name: text, Attributes: kinds(text)}}, Links: []sdktrace.Link{{Attributes: kinds(text)}},
	}.Snapshot()
}

func TestValidSpans(t *testing.T) {
	valid, bad := spanOf("ü"), spanOf(badText)
	spans := []sdktrace.ReadOnlySpan{valid, bad, valid}
	got := validSpans(spans)
	assert.Equal(t, []sdktrace.ReadOnlySpan{valid, spanOf(goodText), valid}, got)
	assert.Equal(t, []sdktrace.ReadOnlySpan{valid, spanOf(badText), valid}, spans, "the SDK's own are not changed")
}

// A bad byte in each place alone is found.
func TestEveryPlaceIsLookedAt(t *testing.T) {
	places := map[string]func(*tracetest.SpanStub){
		"name":          func(s *tracetest.SpanStub) { s.Name = badText },
		"status":        func(s *tracetest.SpanStub) { s.Status.Description = badText },
		"scope":         func(s *tracetest.SpanStub) { s.InstrumentationScope.Name = badText },
		"scope version": func(s *tracetest.SpanStub) { s.InstrumentationScope.Version = badText },
		"scope schema":  func(s *tracetest.SpanStub) { s.InstrumentationScope.SchemaURL = badText },
		"event":         func(s *tracetest.SpanStub) { s.Events = []sdktrace.Event{{Name: badText}} },
	}
	for i, kv := range kinds(badText)[:8] {
		if i == 1 || i == 2 {
			continue
		}
		of := []attribute.KeyValue{attribute.Bool("b", true), kv}
		places[fmt.Sprint("attribute ", i)] = func(s *tracetest.SpanStub) { s.Attributes = of }
		places[fmt.Sprint("scope ", i)] = func(s *tracetest.SpanStub) { s.InstrumentationScope.Attributes = attribute.NewSet(of...) }
		places[fmt.Sprint("event ", i)] = func(s *tracetest.SpanStub) { s.Events = []sdktrace.Event{{Attributes: of}} }
		places[fmt.Sprint("link ", i)] = func(s *tracetest.SpanStub) { s.Links = []sdktrace.Link{{Attributes: of}} }
	}
	for place, set := range places {
		stub := tracetest.SpanStubFromReadOnlySpan(spanOf("ü"))
		require.True(t, isValidSpan(stub.Snapshot()), "the kinds of attributes themselves are valid")
		set(&stub)
		assert.False(t, isValidSpan(stub.Snapshot()), place)
		repaired := validSpans([]sdktrace.ReadOnlySpan{stub.Snapshot()})[0]
		assert.True(t, isValidSpan(repaired), place)
		assert.True(t, utf8.ValidString(fmt.Sprint(repaired.Attributes()[:1])), place)
	}
}

func TestValidMetrics(t *testing.T) {
	of := func(text string) *metricdata.ResourceMetrics {
		m := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Scope: scopeOf(text)}}}
		for _, data := range aggregations(text) {
			m.ScopeMetrics[0].Metrics = append(m.ScopeMetrics[0].Metrics, metricdata.Metrics{Name: text, Description: text, Unit: text, Data: data})
		}
		return m
	}
	bad := of(badText)
	assert.Equal(t, of(goodText), validMetrics(bad))
	assert.Equal(t, of(badText), bad, "a producer may hold on to its own")
	valid := of("ü")
	assert.Same(t, valid, validMetrics(valid))
	empty := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: badText}}}}}
	assert.Equal(t, goodText, validMetrics(empty).ScopeMetrics[0].Metrics[0].Name)
}

// aggregations are all there are, each with a point whose labels have text.
func aggregations(text string) (all []metricdata.Aggregation) {
	labels := attribute.NewSet(kinds(text)...)
	ints, floats := []metricdata.Exemplar[int64]{{FilteredAttributes: kinds(text)}}, []metricdata.Exemplar[float64]{{FilteredAttributes: kinds(text)}}
	intPoint, floatPoint := metricdata.DataPoint[int64]{Attributes: labels, Exemplars: ints}, metricdata.DataPoint[float64]{Attributes: labels, Exemplars: floats}
	return []metricdata.Aggregation{
		metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{intPoint}},
		metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{floatPoint}},
		metricdata.Sum[int64]{DataPoints: []metricdata.DataPoint[int64]{intPoint}},
		metricdata.Sum[float64]{DataPoints: []metricdata.DataPoint[float64]{floatPoint}},
		metricdata.Histogram[int64]{DataPoints: []metricdata.HistogramDataPoint[int64]{{Attributes: labels, Exemplars: ints, Bounds: []float64{1}}}},
		metricdata.Histogram[float64]{DataPoints: []metricdata.HistogramDataPoint[float64]{{Attributes: labels, Exemplars: floats}}},
		metricdata.ExponentialHistogram[int64]{DataPoints: []metricdata.ExponentialHistogramDataPoint[int64]{{Attributes: labels, Exemplars: ints}}},
		metricdata.ExponentialHistogram[float64]{DataPoints: []metricdata.ExponentialHistogramDataPoint[float64]{{Attributes: labels, Exemplars: floats}}},
		metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{{Attributes: labels, QuantileValues: []metricdata.QuantileValue{{Value: 1}}}}},
	}
}

func TestValidResource(t *testing.T) {
	got := validResource(resource.NewWithAttributes(badText, attribute.String(badText, badText), attribute.Int("n", 1)))
	assert.Equal(t, resource.NewWithAttributes(goodText, attribute.String(goodText, goodText), attribute.Int("n", 1)), got)
}

func TestValidSpansCostNothing(t *testing.T) {
	text := strings.Repeat("Grüße ", 100)
	attrs := []attribute.KeyValue{attribute.String("s", text), attribute.Int("n", 1), attribute.Float64("f", 1), attribute.Bool("b", true)}
	stub := tracetest.SpanStub{
		Name: "chat m", Attributes: attrs, Events: []sdktrace.Event{{Name: "exception", Attributes: attrs}}, Links: []sdktrace.Link{{Attributes: attrs}},
		InstrumentationScope: instrumentation.Scope{Name: "scope", Attributes: attribute.NewSet(attrs...)}, Resource: resource.NewSchemaless(attrs...),
	}
	spans := []sdktrace.ReadOnlySpan{stub.Snapshot(), stub.Snapshot()}
	check := func() {
		validSpans(spans)
		fitting(spans, maxRequest)
	}
	assert.Zero(t, testing.AllocsPerRun(100, check))

	stub.Attributes = append(stub.Attributes, attribute.StringSlice("gen_ai.response.finish_reasons", []string{"stop"}))
	spans = []sdktrace.ReadOnlySpan{stub.Snapshot()}
	assert.LessOrEqual(t, testing.AllocsPerRun(100, check), 2.0, "the SDK's copies of a list of strings")
}

func TestRepairHandlesEveryField(t *testing.T) {
	// A field with strings of a kind that repair does not know would lose batches.
	var look func(reflect.Type, string)
	seen := map[reflect.Type]bool{reflect.TypeFor[attribute.Value](): true, reflect.TypeFor[attribute.Set](): true, reflect.TypeFor[resource.Resource](): true}
	look = func(typ reflect.Type, at string) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Struct:
			for f := range typ.Fields() {
				if f.IsExported() {
					look(f.Type, at+"."+f.Name)
				}
			}
		case reflect.Slice:
			if kind := typ.Elem().Kind(); kind == reflect.Struct {
				look(typ.Elem(), at)
			} else {
				assert.NotContains(t, []reflect.Kind{reflect.String, reflect.Interface, reflect.Pointer, reflect.Slice}, kind, at)
			}
		case reflect.Map, reflect.Array:
			t.Errorf("%s is a %s", at, typ)
		}
	}
	look(reflect.TypeFor[tracetest.SpanStub](), "span")
	look(reflect.TypeFor[metricdata.ResourceMetrics](), "metrics")
	for _, a := range aggregations("") {
		look(reflect.TypeOf(a), "aggregation")
	}
}
