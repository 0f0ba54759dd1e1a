// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/traceview"
)

const exported = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"s","version":"1"},"spans":[
{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"invoke_workflow ask","kind":1,"startTimeUnixNano":"1000000000","endTimeUnixNano":"2000000000","status":{}},
{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203332","parentSpanId":"b7ad6b7169203331","name":"chat m","kind":3,"startTimeUnixNano":1000000000,"endTimeUnixNano":1500000000,
"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"12"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":3}},
{"key":"gen_ai.usage.cost","value":{"doubleValue":0.5}},{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"1"}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}}]}}}],
"events":[{"name":"retry","timeUnixNano":"1100000000"}],"status":{"code":2,"message":"HTTP 500"}}]}]}]}`

func TestReadOTLP(t *testing.T) {
	want := "invoke_workflow ask\n└─ chat m  12 → 3 tokens  $0.500000  1 retry  ERROR HTTP 500\n"
	oneLine := strings.ReplaceAll(exported, "\n", "")
	for name, text := range map[string]string{"object": exported, "lines": oneLine + "\n" + `{"resourceSpans":[]}` + "\n", "list": "[" + exported + "]"} {
		t.Run(name, func(t *testing.T) {
			spans, err := traceview.ReadOTLP(strings.NewReader(text))
			require.NoError(t, err)
			assert.Equal(t, want, tree(t, spans, traceview.WithoutTimes()))
			got := data(t, html(t, spans))[0].Spans[1]
			assert.Equal(t, []any{"a", "1"}, got.Attributes["list"])
			assert.JSONEq(t, `{"k":true}`, got.Attributes["map"].(string))
		})
	}
}

func TestReadOTLPSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{"resourceSpans":[`: "no JSON at byte 0",
		`{"data":[]}`:        "want an object with resourceSpans",
		`"text"`:             "no OTLP traces at byte 0",
		exported + ` {"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"n","traceId":"xyz"}]}]}]}`: "1 span left out: no valid trace id and span id",
	} {
		spans, err := traceview.ReadOTLP(strings.NewReader(text))
		require.ErrorContains(t, err, want)
		if strings.HasPrefix(text, exported) {
			assert.Len(t, spans, 2)
		}
	}
	spans, err := traceview.ReadOTLP(strings.NewReader(""))
	require.NoError(t, err)
	assert.Empty(t, spans)
}

// What is above itself is shown all the same.
func TestCirclesOfParents(t *testing.T) {
	const circle = `{"resourceSpans":[{"scopeSpans":[{"spans":[
		{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","parentSpanId":"b7ad6b7169203333","name":"a"},
		{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203332","parentSpanId":"b7ad6b7169203331","name":"b"},
		{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203333","parentSpanId":"b7ad6b7169203332","name":"c"},
		{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203334","parentSpanId":"b7ad6b7169203334","name":"self"}]}]}]}`
	spans, err := traceview.ReadOTLP(strings.NewReader(circle))
	require.NoError(t, err)
	assert.Equal(t, "c\n└─ a\n   └─ b\nself\n", tree(t, spans, traceview.WithoutTimes()))
	assert.Len(t, data(t, html(t, spans))[0].Spans, 4)
}

func FuzzReadOTLP(f *testing.F) {
	f.Add(exported)
	f.Fuzz(func(t *testing.T, text string) {
		spans, _ := traceview.ReadOTLP(strings.NewReader(text))
		_ = html(t, spans)
		_ = tree(t, spans)
	})
}
