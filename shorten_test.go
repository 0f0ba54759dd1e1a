// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestShortenedContentFirst(t *testing.T) {
	long := strings.Repeat("ü", 50_000)
	note := attribute.String("note", strings.Repeat("n", 20_000))
	stub := tracetest.SpanStub{
		Name: "chat m",
		Attributes: []attribute.KeyValue{
			attribute.String("gen_ai.output.messages", `[{"role":"assistant","parts":[{"type":"text","content":"`+long+`"}]}]`),
			note, attribute.Int("gen_ai.usage.input_tokens", 7), attribute.Int64Slice("vector", make([]int64, 100)),
		},
		Events: []sdktrace.Event{{Name: "e", Attributes: []attribute.KeyValue{note}}},
	}
	span := stub.Snapshot()
	short, size := shortened(span, 70_000)
	assert.LessOrEqual(t, size, 70_000)
	got := short.Attributes()
	assert.Equal(t, stub.Attributes[1:], got[1:])
	assert.Equal(t, stub.Events, short.Events())
	assert.Greater(t, len(got[0].Value.AsString()), 10_000)

	short, size = shortened(span, 10_000)
	assert.LessOrEqual(t, size, 10_000)
	got = short.Attributes()
	assert.Less(t, len(got[0].Value.AsString()), 512)
	assert.Less(t, len(got[1].Value.AsString()), 6_000)
	assert.Less(t, len(short.Events()[0].Attributes[0].Value.AsString()), 6_000)
	assert.Equal(t, stub.Attributes[2:], got[2:], "numbers stay")

	_, least := shortened(span, 0)
	assert.Less(t, least, 6_000, "what cannot be cut is left")
	assert.Equal(t, note, span.Attributes()[1])
	assert.Equal(t, note, span.Events()[0].Attributes[0], "the SDK's own is not changed")
}

func TestShortenedEveryKindOfText(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, kv := range []attribute.KeyValue{
		attribute.StringSlice("k", []string{long}),
		{Key: "k", Value: attribute.SliceValue(attribute.StringValue(long))},
		{Key: "k", Value: attribute.MapValue(attribute.String("k", long))},
		{Key: "k", Value: attribute.ByteSliceValue([]byte(long))},
	} {
		for _, stub := range []tracetest.SpanStub{
			{Attributes: []attribute.KeyValue{kv}},
			{Events: []sdktrace.Event{{Attributes: []attribute.KeyValue{kv}}}},
			{Links: []sdktrace.Link{{Attributes: []attribute.KeyValue{kv}}}},
		} {
			_, size := shortened(stub.Snapshot(), 2_000)
			assert.LessOrEqual(t, size, 2_000, kv.Value.Type())
		}
	}
	for _, stub := range []tracetest.SpanStub{{Name: long}, {Status: sdktrace.Status{Description: long}}} {
		_, size := shortened(stub.Snapshot(), 2_000)
		assert.LessOrEqual(t, size, 2_000)
	}
}

func TestCutText(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		limit      int
	}{
		{"short", "short", 5},
		{strings.Repeat("x", 300), strings.Repeat("x", 253) + "…", 256},
		{strings.Repeat("ü", 200), strings.Repeat("ü", 126) + "…", 256},
		{`[{"role":"user","content":"` + strings.Repeat("x", 500) + `"}]`, `[{"role":"user","content":"` + strings.Repeat("x", 128) + `…"}]`, 256},
		{`["` + strings.Repeat(`\u00fc`, 100) + `"]`, `["` + strings.Repeat(`\u00fc`, 21) + `…"]`, 256},
		{`["` + strings.Repeat(`\"`, 300) + `"]`, `["` + strings.Repeat(`\"`, 64) + `…"]`, 256},
		{"[" + strings.Repeat(`1,`, 200), "[" + strings.Repeat(`1,`, 126) + "…", 256},
	} {
		got := cutText(tc.text, tc.limit)
		assert.Equal(t, tc.want, got)
		assert.Equal(t, json.Valid([]byte(tc.want)), json.Valid([]byte(got)))
	}
}

func FuzzCutText(f *testing.F) {
	for _, s := range []string{`["a\"b\u00fcü"]`, `{"k":"v\\"}`, `["\`, `["\u`, "[\"\xff", `"`, `["`} {
		f.Add(s+strings.Repeat("y", 200), 100)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = shortestLiteral + max(0, limit)%1000
		got := cutText(s, limit)
		assert.LessOrEqual(t, len(got), max(limit, 3))
		if utf8.ValidString(s) {
			assert.True(t, utf8.ValidString(got), "%q", got)
		}
		for n := range 100 {
			if json.Valid([]byte(s)) {
				assert.True(t, json.Valid([]byte(cutLiterals(s, n))), "%q", cutLiterals(s, n))
			}
		}
	})
}
