// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"
)

func TestFinishReason(t *testing.T) {
	tests := []struct{ stop, want, reason string }{
		{"", "", "ollama never sets one, and a truncated stream of OpenAI has none"},
		{"stop", "stop", "OpenAI"},
		{"length", "length", "OpenAI"},
		{"tool_calls", "tool_call", "OpenAI: the convention has the singular"},
		{"function_call", "tool_call", "OpenAI's legacy spelling"},
		{"content_filter", "content_filter", "OpenAI"},
		{"end_turn", "stop", "Anthropic"},
		{"stop_sequence", "stop", "Anthropic"},
		{"max_tokens", "length", "Anthropic"},
		{"tool_use", "tool_call", "Anthropic"},
		{"FinishReasonStop", "stop", "Google's enum prints as its Go name"},
		{"FinishReasonMaxTokens", "length", "Google's enum has no underscore"},
		{"FinishReasonSafety", "content_filter", "Google"},
		{"FinishReasonRecitation", "content_filter", "Google"},
		{"FinishReasonUnspecified", "", "Google: nothing was said"},
		{"FinishReasonOther", "other", "Google: unknown to the convention, passed on"},
		{"content_filtered", "content_filter", "Bedrock's Nova"},
		{"FINISH", "stop", "Bedrock's Titan"},
		{"CONTENT_FILTERED", "content_filter", "Bedrock's Titan"},
		{"endoftext", "stop", "Bedrock's AI21"},
		{"COMPLETE", "stop", "Bedrock's Cohere"},
		{"MAX_TOKENS", "length", "Bedrock's Cohere"},
		{"ERROR_TOXIC", "content_filter", "Bedrock's Cohere"},
		{"model_length", "length", "Mistral"},
		{"error", "error", "Mistral"},
		{"FinishReason(8)", "content_filter", "Gemini: PROHIBITED_CONTENT, which the SDK has no name for"},
		{"FinishReason(10)", "error", "Gemini: MALFORMED_FUNCTION_CALL"},
		{"FinishReason(99)", "", "Gemini: a number tells nobody anything"},
		{"FinishReasonProhibitedContent", "content_filter", "Vertex"},
		{"FinishReasonBlocklist", "content_filter", "Vertex"},
		{"FinishReasonSpii", "content_filter", "Vertex"},
		{"PROHIBITED_CONTENT", "content_filter", "Gemini on the wire, as do these"},
		{"BLOCKLIST", "content_filter", ""},
		{"SPII", "content_filter", ""},
		{"IMAGE_SAFETY", "content_filter", ""},
		{"MALFORMED_FUNCTION_CALL", "error", ""},
		{"guardrail_intervened", "content_filter", "Bedrock"},
		{"model_context_window_exceeded", "length", "Anthropic"},
		{"STOP_CRITERIA_MET", "stop", "Bedrock's Titan"},
		{"FINISHED", "stop", "Bedrock's Titan"},
		{"ERROR_LIMIT", "length", "Cohere"},
		{"ERROR", "error", "Cohere"},
		{"stop_limit", "length", "llama.cpp"},
		{"pause_turn", "pause_turn", "a new one passes through"},
		{"ann@example.com", "[EMAIL]", "a new one is cleaned as a name"},
		{"AKIA2E0A8F3B244C9986", "[API_KEY]", "a key is found before the letters are lowered"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, FinishReason(tt.stop), "%q, reason: %s", tt.stop, tt.reason)
	}
}

func TestFinishReasons(t *testing.T) {
	assert.False(t, FinishReasons(nil).Valid())
	assert.False(t, FinishReasons(&llms.ContentResponse{Choices: []*llms.ContentChoice{nil, {}}}).Valid())
	res := &llms.ContentResponse{Choices: []*llms.ContentChoice{{StopReason: "end_turn"}, nil, {}, {StopReason: "tool_use"}}}
	assert.Equal(t, []string{"stop", "tool_call"}, FinishReasons(res).Value.AsStringSlice(), "nothing is invented for a choice without a reason")
	res = &llms.ContentResponse{Choices: []*llms.ContentChoice{{StopReason: "FinishReasonStop"}}}
	assert.Equal(t, []string{"stop"}, FinishReasons(res).Value.AsStringSlice())
	res.Choices[0].StopReason = "end_turn"
	assert.Zero(t, testing.AllocsPerRun(100, func() { FinishReasons(res) }), "a known reason does not allocate")
}

// anthropicllm.go:175-240: thinking, text and tool use are choices of their own.
func TestContentBlocksAreOneMessage(t *testing.T) {
	info := func() map[string]any { return map[string]any{"InputTokens": 5, "OutputTokens": 2} }
	res := &llms.ContentResponse{Choices: []*llms.ContentChoice{
		{ReasoningContent: "hm", StopReason: "tool_use", GenerationInfo: info()},
		{Content: "let me look", StopReason: "tool_use", GenerationInfo: info()},
		{ToolCalls: []llms.ToolCall{{ID: "t1", FunctionCall: &llms.FunctionCall{Name: "f", Arguments: "{}"}}}, StopReason: "tool_use", GenerationInfo: info()},
	}}
	assert.Equal(t, []string{"tool_call"}, FinishReasons(res).Value.AsStringSlice())
}

func TestUnknownReasonsAreNames(t *testing.T) {
	assert.Equal(t, "stopped for [EMAIL]", FinishReason("stopped for ann@example.com"))
	assert.LessOrEqual(t, len(FinishReason(strings.Repeat("x", 1<<20))), 140)
	assert.Len(t, FinishReasonsOf(manyStops(40)).Value.AsStringSlice(), 16)
}

func manyStops(n int) (list []string) {
	for range n {
		list = append(list, "stop")
	}
	return list
}
