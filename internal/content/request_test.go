// SPDX-License-Identifier: Apache-2.0

package content

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const conversation = `[{"role":"system","parts":[{"type":"text","content":"be brief"}]},` +
	`{"role":"user","parts":[{"type":"text","content":"weather?"},{"type":"binary","modality":"image","mime_type":"image/png","size":3,"sha256":"039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"}]},` +
	`{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"look","arguments":{"q":"x"}}]},` +
	`{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"rain"}]}]`

// The same conversation in each protocol makes the same messages.
func TestReadBody(t *testing.T) {
	for name, body := range map[string]string{
		"anthropic": `{"model":"m","max_tokens":9,"system":[{"type":"text","text":"be brief"}],"tools":[{"name":"look","input_schema":{"type":"object"}}],"messages":[
			{"role":"user","content":[{"type":"text","text":"weather?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]},
			{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"look","input":{"q":"x"}}]},
			{"role":"tool","content":[{"type":"tool_result","tool_use_id":"c1","content":"rain"}]}]}`,
		"gemini": `{"systemInstruction":{"parts":[{"text":"be brief"}]},"generationConfig":{"maxOutputTokens":9},"tools":[{"functionDeclarations":[{"name":"look","parameters":{"type":"object"}}]}],"contents":[
			{"role":"user","parts":[{"text":"weather?"},{"inlineData":{"mimeType":"image/png","data":"AQID"}}]},
			{"role":"model","parts":[{"functionCall":{"id":"c1","name":"look","args":{"q":"x"}}}]},
			{"role":"function","parts":[{"functionResponse":{"id":"c1","name":"look","response":"rain"}}]}]}`,
	} {
		b, ok := ReadBody([]byte(body), false)
		require.True(t, ok, name)
		assert.Equal(t, 9, b.Options.MaxTokens, name)
		assert.JSONEq(t, conversation, InputMessages(b.Messages, verbatim()), name)
		assert.JSONEq(t, `[{"type":"function","name":"look","parameters":{"type":"object"}}]`, ToolDefinitions(b.Options.Tools, verbatim()), name)
	}
}

func TestReadBodyOfOpenAI(t *testing.T) {
	want := `[{"role":"system","parts":[{"type":"text","content":"be brief"}]},{"role":"user","parts":[{"type":"text","content":"weather?"}]},` +
		`{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"look","arguments":{"q":"x"}}]},` +
		`{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"rain"}]}]`
	for name, body := range map[string]string{
		"chat": `{"model":"m","messages":[{"role":"developer","content":"be brief"},{"role":"user","content":"weather?"},
			{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"q\":\"x\"}"}}]},
			{"role":"tool","tool_call_id":"c1","content":"rain"}]}`,
		"responses": `{"model":"m","instructions":"be brief","input":[{"role":"user","content":[{"type":"input_text","text":"weather?"}]},
			{"type":"function_call","id":"fc_1","call_id":"c1","name":"look","arguments":"{\"q\":\"x\"}"},
			{"type":"function_call_output","call_id":"c1","output":"rain"}]}`,
	} {
		b, ok := ReadBody([]byte(body), false)
		require.True(t, ok, name)
		assert.Equal(t, "m", b.Model)
		assert.JSONEq(t, want, InputMessages(b.Messages, verbatim()), name)
	}
	_, ok := ReadBody([]byte(`{"model":"m"}`), false)
	assert.False(t, ok)
	b, ok := ReadBody([]byte(`{"model":"m","stream":true,"messages":[{"role":"user","content":"what was cut o`), false)
	assert.True(t, ok && b.Options.StreamingFunc != nil, "what came before the cut counts")
}

// Nothing that a client can send makes the readers panic.
func FuzzBodies(f *testing.F) {
	f.Add(`{"messages":[{"role":"user","content":[{"image_url":{"url":"data:image/png;base64,AA"}}],"tool_calls":[null,{}]}],"tools":[1,{}],"contents":[{}]}`)
	f.Add(`{"type":"content_block_delta","index":-1,"delta":{"partial_json":"{"},"choices":[null,{"index":1e9,"delta":{"tool_calls":[{"index":3}]}}],"output":[null]}`)
	f.Fuzz(func(_ *testing.T, text string) {
		if b, ok := ReadBody([]byte(text), false); ok {
			InputMessages(b.Messages, verbatim())
			ToolDefinitions(b.Options.Tools, verbatim())
		}
		var a Answer
		a.Add([]byte(text))
		a.Add([]byte(text))
		OutputMessages(a.Response(), verbatim())
	})
}
