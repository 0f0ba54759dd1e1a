// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// Sizes are compared with the requests that the real exporter makes.
func TestSizesAreUpperBounds(t *testing.T) {
	var sent int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { sent = r.ContentLength }))
	t.Cleanup(server.Close)
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(server.URL))
	require.NoError(t, err)
	state, err := trace.ParseTraceState("vendor=value")
	require.NoError(t, err)
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true})
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		size := random.IntN(1 << (n % 20))
		texts := strings.Repeat("x", size)
		least := attribute.SliceValue(attribute.Int64Value(math.MinInt64), attribute.StringValue(""), attribute.Value{})
		all := append(kinds(texts), attribute.Int64("", math.MinInt64), attribute.Bool("", true), attribute.Float64("", 1), attribute.String("", ""),
			attribute.Int64Slice("", []int64{-1, -1}), attribute.BoolSlice("", []bool{true}), attribute.StringSlice("", []string{""}),
			attribute.KeyValue{Value: attribute.ByteSliceValue([]byte(texts))},
			attribute.KeyValue{Value: least}, attribute.KeyValue{Value: attribute.MapValue(attribute.KeyValue{Value: least})})
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		some := all[:random.IntN(len(all))]
		stub := tracetest.SpanStub{
			Name: "n", SpanContext: sc, Parent: sc, SpanKind: trace.SpanKindClient, Attributes: some, Status: sdktrace.Status{Code: codes.Error, Description: "d"},
			DroppedAttributes: math.MaxInt32, DroppedEvents: math.MaxInt32, DroppedLinks: math.MaxInt32, Resource: resource.NewWithAttributes("u", some...),
		}
		if n%2 == 0 {
			stub.InstrumentationScope = scopeOf(texts)
		}
		for range random.IntN(3) {
			stub.Events = append(stub.Events, sdktrace.Event{Name: "e", Attributes: some, DroppedAttributeCount: math.MaxInt32})
			stub.Links = append(stub.Links, sdktrace.Link{SpanContext: sc, Attributes: some, DroppedAttributeCount: math.MaxInt32})
		}
		spans := []sdktrace.ReadOnlySpan{stub.Snapshot(), stub.Snapshot()}
		require.NoError(t, exporter.ExportSpans(t.Context(), spans))
		count, bound := fitting(spans, math.MaxInt)
		require.Equal(t, 2, count)
		require.LessOrEqual(t, sent, int64(bound), "run %d", n)
		if n%2 == 1 && size > 10_000 { // a scope is counted with each span
			require.Less(t, float64(bound), 1.02*float64(sent)+2_000, "run %d", n)
		}
	}
}
