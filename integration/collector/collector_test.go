// SPDX-License-Identifier: Apache-2.0

//go:build integration

package collector

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const trace = `{"resourceSpans": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "hand-made"}}]},
  "scopeSpans": [{
    "scope": {"name": "scope", "version": "1.2.3"},
    "schemaUrl": "https://opentelemetry.io/schemas/1.37.0",
    "spans": [
      {
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331",
        "name": "parent", "kind": 1, "traceState": "k=v",
        "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "1700000000000000003"
      },
      {
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "00f067aa0ba902b7",
        "parentSpanId": "b7ad6b7169203331", "name": "child", "kind": 3,
        "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "1700000000000000002",
        "status": {"code": 2, "message": "boom"},
        "attributes": [
          {"key": "string", "value": {"stringValue": "größer"}},
          {"key": "empty", "value": {"stringValue": ""}},
          {"key": "false", "value": {"boolValue": false}},
          {"key": "zero", "value": {"intValue": "0"}},
          {"key": "big", "value": {"intValue": "9007199254740993"}},
          {"key": "double", "value": {"doubleValue": 2}},
          {"key": "bytes", "value": {"bytesValue": "AAE="}},
          {"key": "array", "value": {"arrayValue": {"values": [{"stringValue": "stop"}, {"intValue": "2"}]}}},
          {"key": "no elements", "value": {"arrayValue": {}}},
          {"key": "map", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": true}}]}}},
          {"key": "nothing", "value": {}}
        ],
        "events": [{"name": "exception", "timeUnixNano": "1700000000000000002",
          "attributes": [{"key": "exception.message", "value": {"stringValue": "boom"}}]}],
        "links": [{"traceId": "11111111111111111111111111111111", "spanId": "2222222222222222"}]
      }
    ]
  }]
}]}`

const metrics = `{"resourceMetrics": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "hand-made"}}]},
  "scopeMetrics": [{
    "scope": {"name": "scope"},
    "metrics": [
      {
        "name": "gen_ai.client.operation.duration", "unit": "s", "description": "how long",
        "histogram": {"aggregationTemporality": 2, "dataPoints": [{
          "attributes": [{"key": "model", "value": {"stringValue": "m"}}],
          "startTimeUnixNano": "1700000000000000001", "timeUnixNano": "1700000000000000002",
          "count": "3", "sum": 4.5, "min": 0, "max": 3,
          "explicitBounds": [1, 2.5], "bucketCounts": ["1", "0", "2"],
          "exemplars": [{"timeUnixNano": "1700000000000000002", "asDouble": 3,
            "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "00f067aa0ba902b7"}]
        }]}
      },
      {
        "name": "requests", "unit": "{request}",
        "sum": {"aggregationTemporality": 2, "isMonotonic": true, "dataPoints": [
          {"timeUnixNano": "1700000000000000002", "asInt": "7"}]}
      }
    ]
  }]
}]}`

func post(t *testing.T, url, body string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", reply)
}

func TestCollector(t *testing.T) {
	c := Start(t)

	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(c.GRPCEndpoint(), "http://"), time.Second)
	require.NoError(t, err)
	require.NoError(t, conn.Close())

	assert.Empty(t, c.Spans())
	assert.Empty(t, c.Metrics())

	post(t, c.HTTPEndpoint()+"/v1/traces", trace)
	post(t, c.HTTPEndpoint()+"/v1/metrics", metrics)

	require.Eventually(t, func() bool { return len(c.Spans()) == 2 && len(c.Metrics()) == 2 },
		10*time.Second, 10*time.Millisecond, "nothing to read while the collector runs")

	resp, err := http.Get(c.PrometheusURL())
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Contains(t, string(page), "gen_ai_client_operation_duration_seconds_bucket{")
	assert.Contains(t, string(page), "requests_total{")

	c.Stop()
	c.Stop()
	_, err = net.DialTimeout("tcp", strings.TrimPrefix(c.HTTPEndpoint(), "http://"), time.Second)
	require.Error(t, err, "still listening after Stop")

	at := func(n int64) time.Time { return time.Unix(0, 1_700_000_000_000_000_000+n).UTC() }
	resource := map[string]any{"service.name": "hand-made"}

	assert.Equal(t, []Span{
		{
			Name: "parent", TraceID: "0af7651916cd43dd8448eb211c80319c", SpanID: "b7ad6b7169203331",
			TraceState: "k=v", Kind: "internal", Status: Status{Code: "Unset"},
			Start: at(1), End: at(3), Attributes: map[string]any{},
			Resource: resource, ScopeName: "scope", ScopeVersion: "1.2.3",
			SchemaURL: "https://opentelemetry.io/schemas/1.37.0",
		},
		{
			Name: "child", TraceID: "0af7651916cd43dd8448eb211c80319c", SpanID: "00f067aa0ba902b7",
			ParentID: "b7ad6b7169203331", Kind: "client", Status: Status{Code: "Error", Message: "boom"},
			Start: at(1), End: at(2),
			Attributes: map[string]any{
				"string": "größer", "empty": "", "false": false, "zero": int64(0), "big": int64(9007199254740993),
				"double": 2.0, "bytes": []byte{0, 1}, "array": []any{"stop", int64(2)}, "no elements": []any{},
				"map": map[string]any{"k": true}, "nothing": nil,
			},
			Events:   []Event{{Name: "exception", Time: at(2), Attributes: map[string]any{"exception.message": "boom"}}},
			Links:    []Link{{TraceID: "11111111111111111111111111111111", SpanID: "2222222222222222", Attributes: map[string]any{}}},
			Resource: resource, ScopeName: "scope", ScopeVersion: "1.2.3",
			SchemaURL: "https://opentelemetry.io/schemas/1.37.0",
		},
	}, c.Spans())

	least, most := 0.0, 3.0
	assert.Equal(t, []Metric{
		{
			Name: "gen_ai.client.operation.duration", Unit: "s", Description: "how long",
			Type: "histogram", Temporality: "cumulative",
			Points: []Point{{
				Attributes: map[string]any{"model": "m"}, Start: at(1), Time: at(2),
				Count: 3, Sum: 4.5, Min: &least, Max: &most,
				Bounds: []float64{1, 2.5}, BucketCounts: []uint64{1, 0, 2},
				Exemplars: []Exemplar{{
					TraceID: "0af7651916cd43dd8448eb211c80319c", SpanID: "00f067aa0ba902b7",
					Value: 3, Attributes: map[string]any{},
				}},
			}},
			Resource: resource, ScopeName: "scope",
		},
		{
			Name: "requests", Unit: "{request}", Type: "sum", Temporality: "cumulative", Monotonic: true,
			Points:   []Point{{Attributes: map[string]any{}, Time: at(2), Value: 7}},
			Resource: resource, ScopeName: "scope",
		},
	}, c.Metrics())
}

func TestCollectorsSideBySide(t *testing.T) {
	a, b := Start(t), Start(t)
	post(t, a.HTTPEndpoint()+"/v1/traces", trace)
	a.Stop()
	b.Stop()
	assert.Len(t, a.Spans(), 2)
	assert.Empty(t, b.Spans())
}

func TestMissingBinary(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "otelcol"), "otelcol-spanloom"} {
		t.Setenv("SPANLOOM_OTELCOL", path)
		_, err := findBinary()
		require.ErrorContains(t, err, "make integration")
	}
}

func TestDecodeRefusesDuplicateAttribute(t *testing.T) {
	_, err := decodeSpans([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[
		{"key":"k","value":{"intValue":"1"}},{"key":"k","value":{"intValue":"2"}}]}]}]}]}`))
	require.ErrorContains(t, err, `attribute "k" occurs twice`)
}
