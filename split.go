// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"reflect"
	"regexp"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	// maxRequest bounds a request, in bytes. Servers of gRPC take 4 MiB by default.
	maxRequest = 4<<20 - 64<<10
	// minRequest is the smallest bound that is remembered of a backend.
	minRequest = 64 << 10
)

// fitting returns how many of the first spans fit into limit bytes, at least one,
// and an upper bound of their size.
func fitting(spans []sdktrace.ReadOnlySpan, limit int) (n, size int) {
	size = resourceSize(spans[0].Resource())
	for _, s := range spans {
		next := spanSize(s)
		if n > 0 && size+next > limit {
			break
		}
		n, size = n+1, size+next
	}
	return n, size
}

// The exporters' errors are texts. The Collector answers 400 over HTTP; tonic's
// servers answer OutOfRange; the exporters refuse what is above 64 MiB themselves.
// A limit on a whole trace, such as Tempo's TRACE_TOO_LARGE, is not one of these.
var tooLarge = regexp.MustCompile(`: 413 |request body too large|request message too large|` +
	`code = (?:ResourceExhausted|OutOfRange) .*(?:larger than max|message exceeds|message length too large)`)

func isTooLarge(err error) bool { return err != nil && tooLarge.MatchString(err.Error()) }

// halves divides the scopes of m, or the metrics of its only scope, or the points of
// its only metric. ok is false for a single point.
func halves(m *metricdata.ResourceMetrics) (a, b *metricdata.ResourceMetrics, ok bool) {
	of := func(scopes ...metricdata.ScopeMetrics) *metricdata.ResourceMetrics {
		return &metricdata.ResourceMetrics{Resource: m.Resource, ScopeMetrics: scopes}
	}
	if n := len(m.ScopeMetrics); n != 1 {
		return of(m.ScopeMetrics[:n/2]...), of(m.ScopeMetrics[n/2:]...), n > 1
	}
	first, second := m.ScopeMetrics[0], m.ScopeMetrics[0]
	if n := len(first.Metrics); n != 1 {
		first.Metrics, second.Metrics = first.Metrics[:n/2], first.Metrics[n/2:]
		return of(first), of(second), n > 1
	}
	metric := first.Metrics[0]
	whole := reflect.ValueOf(metric.Data)
	if whole.Kind() != reflect.Struct {
		return nil, nil, false // none of the SDK's
	}
	points := whole.FieldByName("DataPoints")
	n := points.Len()
	part := func(from, to int) []metricdata.Metrics {
		data := reflect.New(whole.Type()).Elem()
		data.Set(whole)
		data.FieldByName("DataPoints").Set(points.Slice(from, to))
		metric.Data, _ = reflect.TypeAssert[metricdata.Aggregation](data)
		return []metricdata.Metrics{metric}
	}
	first.Metrics, second.Metrics = part(0, n/2), part(n/2, n)
	return of(first), of(second), n > 1
}
