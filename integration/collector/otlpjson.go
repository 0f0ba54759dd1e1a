// SPDX-License-Identifier: Apache-2.0

//go:build integration

package collector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Span is one span as the Collector received it. IDs are lower-case hex, ParentID is
// empty for a root.
//
// Attribute values are string, bool, int64, float64, []byte, []any, map[string]any or
// nil.
type Span struct {
	Name       string
	TraceID    string
	SpanID     string
	ParentID   string
	TraceState string
	Kind       string // as trace.SpanKind prints: internal, client, ...
	Status     Status
	Start, End time.Time
	Attributes map[string]any
	Events     []Event
	Links      []Link

	Resource     map[string]any
	ScopeName    string
	ScopeVersion string
	SchemaURL    string // the scope's
}

// Status is a span's status. Code is as codes.Code prints: Unset, Ok or Error.
type Status struct {
	Code    string
	Message string
}

// Event is a span event.
type Event struct {
	Name       string
	Time       time.Time
	Attributes map[string]any
}

// Link is a span link.
type Link struct {
	TraceID    string
	SpanID     string
	Attributes map[string]any
}

// Metric is one metric of one export.
type Metric struct {
	Name        string
	Unit        string
	Description string
	Type        string // gauge, sum, histogram, exponentialHistogram or summary
	Temporality string // delta, cumulative, or empty where the type has none
	Monotonic   bool
	Points      []Point

	Resource     map[string]any
	ScopeName    string
	ScopeVersion string
	SchemaURL    string // the scope's
}

// Point is one data point. Gauges and sums have a Value; the others have a Count and
// a Sum, histograms also the buckets.
type Point struct {
	Attributes  map[string]any
	Start, Time time.Time
	Value       float64

	Count        uint64
	Sum          float64
	Min, Max     *float64
	Bounds       []float64
	BucketCounts []uint64

	Exemplars []Exemplar
}

// Exemplar is a measurement that names the span it was made in.
type Exemplar struct {
	TraceID    string
	SpanID     string
	Value      float64
	Attributes map[string]any // the ones a view filtered out
}

// The wire types below are not go.opentelemetry.io/proto/otlp: protojson reads bytes
// as base64, while OTLP/JSON writes trace and span IDs in hex. It would not fail, it
// would yield other IDs.

type wireTraces struct {
	ResourceSpans []struct {
		Resource   wireResource `json:"resource"`
		ScopeSpans []struct {
			Scope     wireScope  `json:"scope"`
			SchemaURL string     `json:"schemaUrl"`
			Spans     []wireSpan `json:"spans"`
		} `json:"scopeSpans"`
	} `json:"resourceSpans"`
}

type wireMetrics struct {
	ResourceMetrics []struct {
		Resource     wireResource `json:"resource"`
		ScopeMetrics []struct {
			Scope     wireScope    `json:"scope"`
			SchemaURL string       `json:"schemaUrl"`
			Metrics   []wireMetric `json:"metrics"`
		} `json:"scopeMetrics"`
	} `json:"resourceMetrics"`
}

type wireResource struct {
	Attributes attributes `json:"attributes"`
}

type wireScope struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type wireSpan struct {
	TraceID      string     `json:"traceId"`
	SpanID       string     `json:"spanId"`
	ParentSpanID string     `json:"parentSpanId"`
	TraceState   string     `json:"traceState"`
	Name         string     `json:"name"`
	Kind         int        `json:"kind"`
	Start        nanos      `json:"startTimeUnixNano"`
	End          nanos      `json:"endTimeUnixNano"`
	Attributes   attributes `json:"attributes"`
	Events       []struct {
		Name       string     `json:"name"`
		Time       nanos      `json:"timeUnixNano"`
		Attributes attributes `json:"attributes"`
	} `json:"events"`
	Links []struct {
		TraceID    string     `json:"traceId"`
		SpanID     string     `json:"spanId"`
		Attributes attributes `json:"attributes"`
	} `json:"links"`
	Status struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"status"`
}

type wireMetric struct {
	Name                 string    `json:"name"`
	Unit                 string    `json:"unit"`
	Description          string    `json:"description"`
	Gauge                *wireData `json:"gauge"`
	Sum                  *wireData `json:"sum"`
	Histogram            *wireData `json:"histogram"`
	ExponentialHistogram *wireData `json:"exponentialHistogram"`
	Summary              *wireData `json:"summary"`
}

type wireData struct {
	Temporality int  `json:"aggregationTemporality"`
	Monotonic   bool `json:"isMonotonic"`
	DataPoints  []struct {
		Attributes   attributes `json:"attributes"`
		Start        nanos      `json:"startTimeUnixNano"`
		Time         nanos      `json:"timeUnixNano"`
		AsDouble     *double    `json:"asDouble"`
		AsInt        *integer   `json:"asInt"`
		Count        count      `json:"count"`
		Sum          double     `json:"sum"`
		Min          *double    `json:"min"`
		Max          *double    `json:"max"`
		Bounds       []double   `json:"explicitBounds"`
		BucketCounts []count    `json:"bucketCounts"`
		Exemplars    []struct {
			TraceID    string     `json:"traceId"`
			SpanID     string     `json:"spanId"`
			AsDouble   *double    `json:"asDouble"`
			AsInt      *integer   `json:"asInt"`
			Attributes attributes `json:"filteredAttributes"`
		} `json:"exemplars"`
	} `json:"dataPoints"`
}

// readLines decodes each complete line. A last line without its end is one the
// Collector is still writing: its buffer is flushed by size, not by line.
func readLines[T any](path string, decode func([]byte) ([]T, error)) ([]T, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []T
	// Not a bufio.Scanner: one export is one line, far beyond its 64 KiB limit.
	for line := range bytes.Lines(data) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		items, err := decode(line)
		if err != nil {
			return all, fmt.Errorf("%w in %s", err, line)
		}
		all = append(all, items...)
	}
	return all, nil
}

func decodeSpans(line []byte) ([]Span, error) {
	var in wireTraces
	if err := json.Unmarshal(line, &in); err != nil {
		return nil, err
	}
	var out []Span
	for _, r := range in.ResourceSpans {
		for _, s := range r.ScopeSpans {
			for _, w := range s.Spans {
				span := Span{
					Name:         w.Name,
					TraceID:      w.TraceID,
					SpanID:       w.SpanID,
					ParentID:     w.ParentSpanID,
					TraceState:   w.TraceState,
					Kind:         name(w.Kind, "unspecified", "internal", "server", "client", "producer", "consumer"),
					Start:        w.Start.time(),
					End:          w.End.time(),
					Attributes:   w.Attributes.values(),
					Resource:     r.Resource.Attributes.values(),
					ScopeName:    s.Scope.Name,
					ScopeVersion: s.Scope.Version,
					SchemaURL:    s.SchemaURL,
					Status: Status{
						// On the wire Ok is 1 and Error 2, the reverse of codes.Code.
						Code:    name(w.Status.Code, "Unset", "Ok", "Error"),
						Message: w.Status.Message,
					},
				}
				for _, e := range w.Events {
					span.Events = append(span.Events, Event{Name: e.Name, Time: e.Time.time(), Attributes: e.Attributes.values()})
				}
				for _, l := range w.Links {
					span.Links = append(span.Links, Link{TraceID: l.TraceID, SpanID: l.SpanID, Attributes: l.Attributes.values()})
				}
				out = append(out, span)
			}
		}
	}
	return out, nil
}

func decodeMetrics(line []byte) ([]Metric, error) {
	var in wireMetrics
	if err := json.Unmarshal(line, &in); err != nil {
		return nil, err
	}
	var out []Metric
	for _, r := range in.ResourceMetrics {
		for _, s := range r.ScopeMetrics {
			for _, w := range s.Metrics {
				m := Metric{
					Name:         w.Name,
					Unit:         w.Unit,
					Description:  w.Description,
					Resource:     r.Resource.Attributes.values(),
					ScopeName:    s.Scope.Name,
					ScopeVersion: s.Scope.Version,
					SchemaURL:    s.SchemaURL,
				}
				var data *wireData
				switch {
				case w.Gauge != nil:
					m.Type, data = "gauge", w.Gauge
				case w.Sum != nil:
					m.Type, data = "sum", w.Sum
				case w.Histogram != nil:
					m.Type, data = "histogram", w.Histogram
				case w.ExponentialHistogram != nil:
					m.Type, data = "exponentialHistogram", w.ExponentialHistogram
				case w.Summary != nil:
					m.Type, data = "summary", w.Summary
				default:
					return nil, fmt.Errorf("metric %q without data", w.Name)
				}
				m.Temporality = name(data.Temporality, "", "delta", "cumulative")
				m.Monotonic = data.Monotonic
				m.Points = data.points()
				out = append(out, m)
			}
		}
	}
	return out, nil
}

func (d *wireData) points() []Point {
	points := make([]Point, 0, len(d.DataPoints))
	for _, w := range d.DataPoints {
		p := Point{
			Attributes: w.Attributes.values(),
			Start:      w.Start.time(),
			Time:       w.Time.time(),
			Value:      number(w.AsDouble, w.AsInt),
			Count:      uint64(w.Count),
			Sum:        float64(w.Sum),
			Min:        (*float64)(w.Min),
			Max:        (*float64)(w.Max),
		}
		for _, b := range w.Bounds {
			p.Bounds = append(p.Bounds, float64(b))
		}
		for _, n := range w.BucketCounts {
			p.BucketCounts = append(p.BucketCounts, uint64(n))
		}
		for _, e := range w.Exemplars {
			p.Exemplars = append(p.Exemplars, Exemplar{
				TraceID:    e.TraceID,
				SpanID:     e.SpanID,
				Value:      number(e.AsDouble, e.AsInt),
				Attributes: e.Attributes.values(),
			})
		}
		points = append(points, p)
	}
	return points
}

func name(code int, names ...string) string {
	if code < 0 || code >= len(names) {
		return strconv.Itoa(code)
	}
	return names[code]
}

func number(d *double, i *integer) float64 {
	switch {
	case d != nil:
		return float64(*d)
	case i != nil:
		return float64(*i)
	}
	return 0
}

// OTLP/JSON puts 64-bit integers in quotes and may leave them bare, and has NaN and
// the infinities as strings; encoding/json's ",string" accepts the quoted form only.
type (
	integer int64
	count   uint64
	double  float64
	nanos   uint64
)

func (n *integer) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseInt(unquote(b), 10, 64)
	*n = integer(v)
	return err
}

func (n *count) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseUint(unquote(b), 10, 64)
	*n = count(v)
	return err
}

func (n *nanos) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseUint(unquote(b), 10, 64)
	*n = nanos(v)
	return err
}

func (n *double) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(unquote(b), 64)
	*n = double(v)
	return err
}

func unquote(b []byte) string { return strings.Trim(string(b), `"`) }

// time keeps an unset time zero instead of turning it into 1970.
func (n nanos) time() time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n)).UTC()
}

type keyValue struct {
	Key   string   `json:"key"`
	Value anyValue `json:"value"`
}

type attributes []keyValue

// UnmarshalJSON refuses a key that occurs twice, which OTLP forbids and the map that
// tests see would hide.
func (a *attributes) UnmarshalJSON(b []byte) error {
	var kvs []keyValue
	if err := json.Unmarshal(b, &kvs); err != nil {
		return err
	}
	seen := make(map[string]bool, len(kvs))
	for _, kv := range kvs {
		if seen[kv.Key] {
			return fmt.Errorf("attribute %q occurs twice", kv.Key)
		}
		seen[kv.Key] = true
	}
	*a = kvs
	return nil
}

// values is never nil, so that a test can compare with an empty map.
func (a attributes) values() map[string]any {
	m := make(map[string]any, len(a))
	for _, kv := range a {
		m[kv.Key] = kv.Value.value()
	}
	return m
}

// The fields are pointers because zero values are values: which field is present
// says what type the attribute has.
type anyValue struct {
	String *string  `json:"stringValue"`
	Bool   *bool    `json:"boolValue"`
	Int    *integer `json:"intValue"`
	Double *double  `json:"doubleValue"`
	Bytes  *[]byte  `json:"bytesValue"`
	Array  *struct {
		Values []anyValue `json:"values"`
	} `json:"arrayValue"`
	Map *struct {
		Values attributes `json:"values"`
	} `json:"kvlistValue"`
}

func (v anyValue) value() any {
	switch {
	case v.String != nil:
		return *v.String
	case v.Bool != nil:
		return *v.Bool
	case v.Int != nil:
		return int64(*v.Int)
	case v.Double != nil:
		return float64(*v.Double)
	case v.Bytes != nil:
		return *v.Bytes
	case v.Array != nil:
		values := make([]any, 0, len(v.Array.Values))
		for _, e := range v.Array.Values {
			values = append(values, e.value())
		}
		return values
	case v.Map != nil:
		return v.Map.Values.values()
	}
	return nil
}
