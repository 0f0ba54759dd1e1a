// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/terminal"
)

// ReadOTLP reads spans from OTLP's JSON: one or more export requests, as the
// Collector's file exporter writes them, one per line, or in a list.
//
// What is not OTLP is an error that says where. Spans with an invalid id are
// left out, and the error tells how many; the others are returned with it.
func ReadOTLP(r io.Reader) ([]sdktrace.ReadOnlySpan, error) {
	var stubs tracetest.SpanStubs
	invalid := 0
	d := json.NewDecoder(r)
	for {
		at := d.InputOffset()
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return stubs.Snapshots(), fmt.Errorf("traceview: no JSON at byte %d: %w", at, err)
		}
		requests, err := requestsOf(raw)
		if err != nil {
			return stubs.Snapshots(), fmt.Errorf("traceview: no OTLP traces at byte %d (want an object with resourceSpans): %w", at, err)
		}
		for _, request := range requests {
			all := request.stubs()
			valid := slices.DeleteFunc(all, func(s tracetest.SpanStub) bool { return !s.SpanContext.IsValid() })
			invalid += len(all) - len(valid)
			stubs = append(stubs, valid...)
		}
	}
	if invalid > 0 {
		return stubs.Snapshots(), fmt.Errorf("traceview: %s left out: no valid trace id and span id", terminal.Plural(invalid, "span", "spans"))
	}
	return stubs.Snapshots(), nil
}

// requestsOf reads a request, or a list of some.
func requestsOf(raw json.RawMessage) (list []otlpRequest, err error) {
	if !bytes.HasPrefix(raw, []byte("[")) {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	err = json.Unmarshal(raw, &list)
	if err == nil && slices.ContainsFunc(list, func(r otlpRequest) bool { return r.ResourceSpans == nil }) {
		err = errors.New("there is none")
	}
	return list, err
}

// The types below are the parts of OTLP's JSON that are shown. Ids are hexadecimal,
// 64-bit numbers are texts or numbers.
type (
	otlpRequest struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes otlpAttributes }
			ScopeSpans []struct {
				Scope struct{ Name, Version string }
				Spans []otlpSpan
			}
		}
	}
	otlpSpan struct {
		TraceID, SpanID, ParentSpanID      string
		Name                               string
		Kind                               int
		StartTimeUnixNano, EndTimeUnixNano otlpNumber
		Attributes                         otlpAttributes
		Events                             []otlpEvent
		Status                             struct {
			Code    int
			Message string
		}
	}
	otlpEvent struct {
		TimeUnixNano otlpNumber
		Name         string
		Attributes   otlpAttributes
	}
	otlpAttributes []struct {
		Key   string
		Value otlpValue
	}
	otlpValue struct {
		StringValue *string
		BoolValue   *bool
		IntValue    *otlpNumber
		DoubleValue *float64
		BytesValue  *string
		ArrayValue  *struct{ Values []otlpValue }
		KvlistValue *struct{ Values otlpAttributes }
	}
	otlpNumber int64
)

func (n *otlpNumber) UnmarshalJSON(raw []byte) error {
	v, err := strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 64)
	*n = otlpNumber(v)
	return err
}

func (n otlpNumber) time() time.Time { return time.Unix(0, int64(n)) }

func (r otlpRequest) stubs() (list tracetest.SpanStubs) {
	for _, rs := range r.ResourceSpans {
		res := resource.NewSchemaless(rs.Resource.Attributes.list()...)
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				stub := s.stub()
				stub.Resource, stub.InstrumentationScope = res, instrumentation.Scope{Name: ss.Scope.Name, Version: ss.Scope.Version}
				list = append(list, stub)
			}
		}
	}
	return list
}

func (s otlpSpan) stub() tracetest.SpanStub {
	stub := tracetest.SpanStub{
		Name:        s.Name,
		SpanContext: contextOf(s.TraceID, s.SpanID),
		Parent:      contextOf(s.TraceID, s.ParentSpanID),
		SpanKind:    trace.SpanKind(s.Kind),
		StartTime:   s.StartTimeUnixNano.time(),
		EndTime:     s.EndTimeUnixNano.time(),
		Attributes:  s.Attributes.list(),
	}
	const statusError = 2
	if s.Status.Code == statusError {
		stub.Status = sdktrace.Status{Code: codes.Error, Description: s.Status.Message}
	}
	for _, e := range s.Events {
		stub.Events = append(stub.Events, sdktrace.Event{Name: e.Name, Time: e.TimeUnixNano.time(), Attributes: e.Attributes.list()})
	}
	return stub
}

// contextOf is invalid where an id is. Ids in base64 are those of a generic JSON
// encoding of the protocol buffers.
func contextOf(traceID, spanID string) trace.SpanContext {
	var c trace.SpanContextConfig
	copy(c.TraceID[:], idBytes(traceID, len(c.TraceID)))
	copy(c.SpanID[:], idBytes(spanID, len(c.SpanID)))
	return trace.NewSpanContext(c)
}

func idBytes(text string, size int) []byte {
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString} {
		if b, err := decode(text); err == nil && len(b) == size {
			return b
		}
	}
	return nil
}

func (a otlpAttributes) list() []attribute.KeyValue {
	list := make([]attribute.KeyValue, 0, len(a))
	for _, kv := range a {
		list = append(list, attribute.KeyValue{Key: attribute.Key(kv.Key), Value: kv.Value.value()})
	}
	return list
}

func (v otlpValue) value() attribute.Value {
	switch {
	case v.StringValue != nil:
		return attribute.StringValue(*v.StringValue)
	case v.BoolValue != nil:
		return attribute.BoolValue(*v.BoolValue)
	case v.IntValue != nil:
		return attribute.Int64Value(int64(*v.IntValue))
	case v.DoubleValue != nil:
		return attribute.Float64Value(*v.DoubleValue)
	case v.BytesValue != nil:
		return attribute.StringValue(*v.BytesValue)
	case v.ArrayValue != nil:
		texts := make([]string, len(v.ArrayValue.Values))
		for i, element := range v.ArrayValue.Values {
			texts[i] = element.value().String()
		}
		return attribute.StringSliceValue(texts)
	case v.KvlistValue != nil:
		text, _ := json.Marshal(attributesOf(v.KvlistValue.Values.list(), nil))
		return attribute.StringValue(string(text))
	}
	return attribute.StringValue("")
}
