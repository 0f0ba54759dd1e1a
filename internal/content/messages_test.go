// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
)

// required are the members of each part in the convention's JSON schema; a
// generic part, any other type, needs nothing else.
var required = map[string][]string{
	"text": {"content"}, "reasoning": {"content"}, "tool_call": {"name"}, "tool_call_response": {"response"},
	"uri": {"modality", "uri"}, "blob": {"modality", "content"}, "file": {"modality", "file_id"},
}

func parse(t *testing.T, messages string, output bool) []map[string]any {
	t.Helper()
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(messages), &list), messages)
	for _, m := range list {
		assert.IsType(t, "", m["role"])
		require.IsType(t, []any{}, m["parts"], "parts is an array even when empty: %s", messages)
		if output {
			assert.IsType(t, "", m["finish_reason"], "Phoenix drops the list when one is missing: %s", messages)
		}
		for _, p := range m["parts"].([]any) {
			part := p.(map[string]any)
			kind, ok := part["type"].(string)
			require.True(t, ok, "a part without a type: %v", part)
			for _, key := range required[kind] {
				assert.Contains(t, part, key, "part of type %s", kind)
			}
		}
	}
	return list
}

func TestInputMessages(t *testing.T) {
	call := llms.ToolCall{ID: "c1", Type: "function", FunctionCall: &llms.FunctionCall{Name: "weather", Arguments: `{"city":"القاهرة","days":3}`}}
	tests := []struct {
		name, want, reason string
		role               llms.ChatMessageType
		parts              []llms.ContentPart
	}{
		{
			"system", `{"role":"system","parts":[{"type":"text","content":"Be brief."}]}`, "system prompts stay inside the history",
			llms.ChatMessageTypeSystem,
			[]llms.ContentPart{llms.TextContent{Text: "Be brief."}},
		},
		{
			"Arabic", `{"role":"user","parts":[{"type":"text","content":"ما الطقس؟ <b>"}]}`, "letters are not escaped",
			llms.ChatMessageTypeHuman,
			[]llms.ContentPart{llms.TextContent{Text: "ما الطقس؟ <b>"}},
		},
		{
			"tool call", `{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"القاهرة","days":3}}]}`,
			"arguments that are JSON stay JSON", llms.ChatMessageTypeAI,
			[]llms.ContentPart{call},
		},
		{
			"tool call without function", `{"role":"assistant","parts":[{"type":"tool_call","id":"c2","name":""}]}`, "the name is required by the schema",
			llms.ChatMessageTypeAI,
			[]llms.ContentPart{llms.ToolCall{ID: "c2"}},
		},
		{
			"tool response", `{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"sunny"}]}`, "",
			llms.ChatMessageTypeTool,
			[]llms.ContentPart{llms.ToolCallResponse{ToolCallID: "c1", Name: "weather", Content: "sunny"}},
		},
		{
			"tool response, empty", `{"role":"tool","parts":[{"type":"tool_call_response","response":""}]}`, "the response is required by the schema",
			llms.ChatMessageTypeFunction,
			[]llms.ContentPart{llms.ToolCallResponse{}},
		},
		{
			"arguments with something after them", `{"role":"assistant","parts":[{"type":"tool_call","name":"f","arguments":"{\"a\":1}}"}]}`,
			"what is not JSON stays whole, as a string", llms.ChatMessageTypeAI,
			[]llms.ContentPart{llms.ToolCall{FunctionCall: &llms.FunctionCall{Name: "f", Arguments: `{"a":1}}`}}},
		},
		{
			"image URL", `{"role":"user","parts":[{"type":"uri","modality":"image","uri":"https://example.com/a.png"}]}`, "",
			llms.ChatMessageTypeHuman,
			[]llms.ContentPart{llms.ImageURLContent{URL: "https://example.com/a.png"}},
		},
		{
			"cached", `{"role":"user","parts":[{"type":"text","content":"long"}]}`, "CachedContent wraps another part",
			llms.ChatMessageTypeHuman,
			[]llms.ContentPart{llms.CachedContent{ContentPart: llms.TextContent{Text: "long"}}},
		},
		{
			"nil part", `{"role":"user","parts":[{"type":"text","content":""}]}`, "a provider reports it as an error, we must not panic first",
			llms.ChatMessageTypeHuman,
			[]llms.ContentPart{llms.CachedContent{}},
		},
		{"no parts", `{"role":"user","parts":[]}`, "null would fail the schema", llms.ChatMessageTypeHuman, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := InputMessages([]llms.MessageContent{{Role: tt.role, Parts: tt.parts}}, verbatim())
			assert.Equal(t, "["+tt.want+"]", got, "reason: %s", tt.reason)
			parse(t, got, false)
		})
	}
	assert.Equal(t, "[]", InputMessages(nil, verbatim()))
}

func TestBinaryIsDescribedNotCarried(t *testing.T) {
	raw := []byte("\x89PNG canary bytes")
	b64 := base64.StdEncoding.EncodeToString(raw)
	tests := []struct {
		name, mime, reason string
		part               llms.ContentPart
	}{
		{"bytes", "image/png", "", llms.BinaryContent{MIMEType: "image/png", Data: raw}},
		{"data URL", "image/png", "it is the same image", llms.ImageURLContent{URL: "data:image/png;base64," + b64}},
		{"data URL in capitals", "image/png", "schemes have no case", llms.ImageURLContent{URL: "DATA:image/png;base64," + b64}},
		{"data URL without base64", "image/svg+xml", "the type ends at the comma, not in the picture", llms.ImageURLContent{URL: "data:image/svg+xml,<svg>canary</svg>"}},
		{"data URL without type", "", "the type may be left out", llms.ImageURLContent{URL: "data:,canary"}},
		{"data URL without comma", "", "nothing of a broken one is its type", llms.ImageURLContent{URL: "data:canary"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := InputMessages([]llms.MessageContent{{Role: llms.ChatMessageTypeHuman, Parts: []llms.ContentPart{tt.part}}}, verbatim())
			part := parse(t, got, false)[0]["parts"].([]any)[0].(map[string]any)
			assert.Equal(t, "binary", part["type"])
			if tt.mime == "" {
				assert.NotContains(t, part, "mime_type", "reason: %s", tt.reason)
			} else {
				assert.Equal(t, tt.mime, part["mime_type"], "reason: %s", tt.reason)
			}
			assert.Equal(t, "image", part["modality"])
			assert.Positive(t, part["size"])
			assert.Len(t, part["sha256"], 64)
			assert.NotContains(t, got, "canary", "reason: %s", tt.reason)
			assert.NotContains(t, got, b64)
		})
	}
}

func TestOutputMessages(t *testing.T) {
	fc := &llms.FunctionCall{Name: "f", Arguments: `not json`}
	tests := []struct {
		name, want, reason string
		choice             llms.ContentChoice
	}{
		{"text", `{"role":"assistant","parts":[{"type":"text","content":"hi"}],"finish_reason":"stop"}`, "", llms.ContentChoice{Content: "hi", StopReason: "end_turn"}},
		{"no finish reason", `{"role":"assistant","parts":[{"type":"text","content":"hi"}],"finish_reason":""}`, "ollama has none, and the member is required", llms.ContentChoice{Content: "hi"}},
		{
			"reasoning", `{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"text","content":"hi"}],"finish_reason":"stop"}`, "",
			llms.ContentChoice{Content: "hi", ReasoningContent: "hm", StopReason: "stop"},
		},
		{
			"tool call", `{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":"not json"}],"finish_reason":"tool_call"}`,
			"FuncCall repeats the first tool call",
			llms.ContentChoice{StopReason: "tool_calls", FuncCall: fc, ToolCalls: []llms.ToolCall{{ID: "c", FunctionCall: fc}}},
		},
		{
			"legacy function call", `{"role":"assistant","parts":[{"type":"tool_call","name":"f","arguments":"not json"}],"finish_reason":"tool_call"}`,
			"it has no id",
			llms.ContentChoice{StopReason: "function_call", FuncCall: fc},
		},
		{"empty block", `{"role":"assistant","parts":[],"finish_reason":"tool_call"}`, "Anthropic's thinking block has no content", llms.ContentChoice{StopReason: "tool_use"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := OutputMessages(&llms.ContentResponse{Choices: []*llms.ContentChoice{nil, &tt.choice}}, verbatim())
			assert.Equal(t, "["+tt.want+"]", got, "reason: %s", tt.reason)
			parse(t, got, true)
		})
	}
	assert.Equal(t, "[]", OutputMessages(nil, verbatim()))
	assert.Equal(t, "[]", OutputMessages(&llms.ContentResponse{}, verbatim()))
}

func TestMessagesApplyTheGate(t *testing.T) {
	const canary = "canary"
	parts := []llms.ContentPart{
		llms.TextContent{Text: canary},
		llms.ImageURLContent{URL: canary},
		llms.CachedContent{ContentPart: llms.TextContent{Text: canary}},
		llms.ToolCall{FunctionCall: &llms.FunctionCall{Name: "f", Arguments: `{"a":"canary"}`}},
		llms.ToolCall{FunctionCall: &llms.FunctionCall{Name: "f", Arguments: canary}},
		llms.ToolCallResponse{Content: canary},
		llms.ToolCallResponse{Content: `["canary"]`},
	}
	in := InputMessages([]llms.MessageContent{{Role: llms.ChatMessageTypeHuman, Parts: parts}}, secret())
	assert.NotContains(t, in, canary)
	assert.Equal(t, len(parts), strings.Count(in, `"X"`))

	out := OutputMessages(&llms.ContentResponse{Choices: []*llms.ContentChoice{
		{Content: canary, ReasoningContent: canary, ToolCalls: []llms.ToolCall{{FunctionCall: &llms.FunctionCall{Name: "f", Arguments: canary}}}},
		{FuncCall: &llms.FunctionCall{Name: "f", Arguments: `{"a":"canary"}`}},
	}}, secret())
	assert.NotContains(t, out, canary)
	assert.Equal(t, 4, strings.Count(out, `"X"`))
}

// anthropicllm.go:175-240: thinking, text and tool use are choices of their own.
func TestContentBlocksAreOneMessage(t *testing.T) {
	info := func() map[string]any { return map[string]any{"InputTokens": 5, "OutputTokens": 2} }
	res := &llms.ContentResponse{Choices: []*llms.ContentChoice{
		{ReasoningContent: "hm", StopReason: "tool_use", GenerationInfo: info()},
		{Content: "let me look", StopReason: "tool_use", GenerationInfo: info()},
		{ToolCalls: []llms.ToolCall{{ID: "t1", FunctionCall: &llms.FunctionCall{Name: "f", Arguments: "{}"}}}, StopReason: "tool_use", GenerationInfo: info()},
	}}
	assert.JSONEq(t, `[{"role":"assistant","finish_reason":"tool_call","parts":[{"type":"reasoning","content":"hm"},{"type":"text","content":"let me look"},
		{"type":"tool_call","id":"t1","name":"f","arguments":{}}]}]`, OutputMessages(res, verbatim()))
}
