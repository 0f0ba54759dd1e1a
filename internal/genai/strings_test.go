// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"slices"
	"strconv"
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
		{"empty strings", "an empty text is quoted everywhere", []any{"", []string{"", "a"}, llms.MessageContent{}}, []string{"a"}},
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
		{"documents", "", []any{schema.Document{PageContent: "d"}, []schema.Document{{PageContent: "e"}, {}}}, []string{"d", "e"}},
		{"chain values", "", map[string]any{"m": map[string]string{"k": "v"}}, []string{"v"}},
		{"unknown types", "they have no texts, and reflection is too slow here", []any{7, struct{ S string }{"s"}}, nil},
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

func TestAppendStringsEndsOnCycles(t *testing.T) {
	m := map[string]any{}
	for i := range 10 {
		m[strconv.Itoa(i)] = m
	}
	list := []any{m, nil}
	list[1] = list
	assert.Empty(t, AppendStrings(nil, m, 48))
	c := collector{end: 48, visits: 1000}
	c.value(m, 0)
	assert.Greater(t, c.visits, -maxDepth, "ten to the ninth visits without the bound")
	assert.Empty(t, AppendStrings(nil, list, 48))

	chain := map[string]any{"q": "why"}
	chain["self"] = chain
	got := AppendStrings(nil, []any{chain, "other"}, 48)
	assert.Equal(t, "why", got[0])
	assert.True(t, slices.Contains(got, "other"), "one text must not take every place: %v", got)
}
