// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
)

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("no") }

type fails struct{ Secret string }

func (fails) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

type linked struct{ Next *linked }

func TestText(t *testing.T) {
	ring := &linked{}
	ring.Next = ring
	tests := []struct {
		name, want, reason string
		in                 any
	}{
		{"string", `say "hi"`, "a text is itself, not JSON", `say "hi"`},
		{"Arabic", `{"سؤال":"مرحبا & <أهلا>"}`, "letters and HTML characters stay readable", map[string]any{"سؤال": "مرحبا & <أهلا>"}},
		{"invalid UTF-8", "a�b", "OTLP refuses a batch for it", "a\xffb"},
		{"number", "42", "", 42},
		{"large integer", "9007199254740993", "a float64 would round it", int64(9007199254740993)},
		{"nil", "null", "", nil},
		{"list", `["a",1,true]`, "", []any{"a", 1, true}},
		{"struct", `{"role":"user","parts":null}`, "tags are honoured", json.RawMessage(`{"role":"user","parts":null}`)},
		{"channel", `"<chan int>"`, "JSON cannot hold it", make(chan int)},
		{"function in a map", `{"f":"<func()>","q":"why"}`, "one bad entry does not cost the others", map[string]any{"f": func() {}, "q": "why"}},
		{"function in a list", `["<func()>","why"]`, "nor in a list", []any{func() {}, "why"}},
		{"function in a typed list", `["<func()>"]`, "nor in a list of another type", []func(){func() {}}},
		{"NaN", `{"n":"<float64>"}`, "JSON has no NaN", map[string]any{"n": math.NaN()}},
		{"panicking MarshalJSON", `{"p":"<content.panics>","q":"why"}`, "telemetry must not panic", map[string]any{"p": panics{}, "q": "why"}},
		{"failing MarshalJSON", `"<content.fails>"`, "the value is not printed another way", fails{"s"}},
		{
			"bytes", `{"b":{"type":"binary","size":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}`,
			"described, not inlined",
			map[string]any{"b": []byte("abc")},
		},
		{
			"messages", `[{"role":"user","parts":[{"type":"text","content":"why"}]}]`, "the registry's form, whose images are described",
			[]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "why")},
		},
		{"nil map", "null", "", map[string]any(nil)},
		{"integer keys", `{"1":"a"}`, "JSON makes strings of them", map[int]string{1: "a"}},
		{"cyclic struct", `{"Next":"<*content.linked>"}`, "a value that holds itself ends", ring},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Text(tt.in, verbatim())
			if strings.HasPrefix(tt.want, "{") {
				assert.JSONEq(t, tt.want, got, "reason: %s", tt.reason)
			} else {
				assert.Equal(t, tt.want, got, "reason: %s", tt.reason)
			}
			assert.True(t, utf8.ValidString(got))
		})
	}
	assert.Contains(t, Text(map[string]any{"q": "مرحبا <>"}, verbatim()), "مرحبا <>", "JSONEq does not see escapes")
}

func TestTextEndsOnCycles(t *testing.T) {
	m := map[string]any{"q": "why", "big": strings.Repeat("x", 1<<20)}
	for _, k := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		m[k] = m
	}
	got := Text(m, verbatim())
	assert.Contains(t, got, `"a":"<map[string]interface {}>"`)
	assert.Less(t, len(got), 2<<20, "json.Marshal writes what is beside a cycle a thousand times before it notices")

	list := []any{"why", nil}
	list[1] = list
	assert.Equal(t, `["why","<[]interface {}>"]`, Text(list, verbatim()))

	typed := map[string]map[string]any{"m": m}
	m["typed"] = typed
	assert.Contains(t, Text(typed, verbatim()), "why")

	shared := map[string]any{"q": "why"}
	assert.JSONEq(t, `[{"q":"why"},{"q":"why"}]`, Text([]any{shared, shared}, verbatim()), "the same map twice is no cycle")
	assert.JSONEq(t, `{"a":[],"b":[]}`, Text(map[string]any{"a": []any{}, "b": []any{}}, verbatim()), "empty slices may share an address")
}

func TestTextAppliesTheGate(t *testing.T) {
	tests := []struct {
		reason, want string
		in           any
	}{
		{"a string", "X", "mail"},
		{"every string inside", `{"a":["X",{"b":"X"}]}`, map[string]any{"a": []any{"mail", map[string]string{"b": "mail"}}}},
		{"what is behind a MarshalJSON", `["X"]`, json.RawMessage(`["mail"]`)},
		{"a card number needs no quotation marks", `{"card":"X"}`, map[string]any{"card": 4111111111111111}},
		{"keys that are no names", `{"X":"X","X (2)":"X","name.of-it_2":"X","سؤال":"X"}`, map[string]any{"Ann Smith": "a", "ann@example.com": "b", "name.of-it_2": "c", "سؤال": "d"}},
		{"keys of JSON", `{"X":{"q":"X"}}`, json.RawMessage(`{"4111111111111111":{"q":"mail"}}`)},
		{"messages, but not their structure", `[{"role":"user","parts":[{"type":"text","content":"X"}]}]`, []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "mail")}},
		{"true and null identify nobody", `[true,null]`, []any{true, nil}},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, Text(tt.in, secret()), "reason: %s", tt.reason)
	}
	in := map[string]any{"a": []any{"mail"}}
	Text(in, secret())
	require.Equal(t, map[string]any{"a": []any{"mail"}}, in, "the caller's value must not change")
}
