// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
)

func TestAppendStrings(t *testing.T) {
	call := llms.ToolCall{FunctionCall: &llms.FunctionCall{Name: "f", Arguments: "args"}}
	tests := []struct {
		name, reason string
		in           any
		want         []string
	}{
		{"string", "", "a", []string{"a"}},
		{"empty strings", "an empty text is quoted everywhere", []string{"", "a"}, []string{"a"}},
		{"messages", "every kind of part that has a text", []llms.MessageContent{{Parts: []llms.ContentPart{
			llms.TextContent{Text: "t"},
			call,
			llms.ToolCall{},
			llms.ToolCallResponse{Content: "r"},
			llms.ImageURLContent{URL: "u"},
			llms.ImageURLContent{},
			llms.CachedContent{ContentPart: llms.TextContent{Text: "c"}},
			llms.CachedContent{},
			llms.BinaryContent{Data: []byte("b")},
			nil,
		}}}, []string{"t", "args", "r", "u", "c"}},
		{"response", "", &llms.ContentResponse{Choices: []*llms.ContentChoice{nil, {Content: "a", ReasoningContent: "h", ToolCalls: []llms.ToolCall{call}}}}, []string{"a", "h", "args"}},
		{"nil response", "a provider may return one with its error", (*llms.ContentResponse)(nil), nil},
		{"documents", "", []schema.Document{{PageContent: "d"}, {}, {PageContent: "e"}}, []string{"d", "e"}},
		{"chain values", "", map[string]any{"m": "v"}, []string{"v"}},
		{"unknown types", "a struct may be in use elsewhere", struct{ S string }{"s"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, AppendStrings(nil, tt.in, 48), "reason: %s", tt.reason)
			got := AppendStrings([]string{"before"}, tt.in, 1)
			assert.LessOrEqual(t, len(got), 2, "limit")
			assert.Equal(t, "before", got[0])
		})
	}
	assert.Empty(t, AppendStrings(nil, "a", 0))
}

// Maps and slices inside the map are the user's, who may be writing them.
func TestAppendStringsLeavesNestedValuesAlone(t *testing.T) {
	in := map[string]any{
		"question": "why", "documents": []schema.Document{{PageContent: "text", Metadata: map[string]any{"patient": "Jane", "page": 1}}},
		"session": map[string]any{"a": "b"}, "list": []any{"c"}, "names": []string{"d"},
	}
	in["self"] = in
	assert.ElementsMatch(t, []string{"why", "text", "Jane"}, AppendStrings(nil, in, 48))
}

func TestAppendStringsLooksIntoWhatChainsAreGiven(t *testing.T) {
	type question string
	var none *llms.HumanChatMessage
	for _, v := range []any{
		question("a"), "a", []byte("a"),
		[]string{"a"},
		&schema.Document{PageContent: "a"},
		map[string]string{"k": "a"},
		llms.HumanChatMessage{Content: "a"},
		[]llms.ChatMessage{llms.AIChatMessage{Content: "a"}, none},
	} {
		assert.Equal(t, []string{"a"}, AppendStrings(nil, v, 48), "%T", v)
	}
}
