// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// received is what a receiver took, as it came.
type received struct {
	byName map[string]*tracepb.Span
	scopes []*common.InstrumentationScope
	points map[string]int // of each metric
	last   map[string]*metricspb.Metric
	// requests are the sizes of those with spans.
	requests []int
}

func (r *received) addSpans(m *collectortrace.ExportTraceServiceRequest) {
	if r.byName == nil {
		r.byName = map[string]*tracepb.Span{}
	}
	r.requests = append(r.requests, proto.Size(m))
	for _, rs := range m.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			r.scopes = append(r.scopes, ss.GetScope())
			for _, s := range ss.GetSpans() {
				r.byName[s.GetName()] = s
			}
		}
	}
}

func (r *received) addMetrics(m *collectormetrics.ExportMetricsServiceRequest) {
	if r.points == nil {
		r.points, r.last = map[string]int{}, map[string]*metricspb.Metric{}
	}
	for _, rm := range m.GetResourceMetrics() {
		for _, sm := range rm.GetScopeMetrics() {
			for _, m := range sm.GetMetrics() {
				r.points[m.GetName()] += len(m.GetSum().GetDataPoints()) + len(m.GetHistogram().GetDataPoints())
				r.last[m.GetName()] = m
			}
		}
	}
}

// attributes are those whose values are strings, or lists of one.
func attributes(kvs []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range kvs {
		m[kv.GetKey()] = kv.GetValue().GetStringValue()
		if list := kv.GetValue().GetArrayValue().GetValues(); list != nil {
			m[kv.GetKey()] = list[0].GetStringValue()
		}
	}
	return m
}
