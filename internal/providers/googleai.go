// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "gcp.gemini",
	Endpoints: []Endpoint{
		{Suffix: ":generateContent"},
		{Suffix: ":streamGenerateContent", Streams: true},
		{Suffix: ":embedContent", Embeds: true},
		{Suffix: ":batchEmbedContents", Embeds: true},
	},
	Clients: []Client{{
		Package: "llms/googleai", Model: "opts.DefaultModel", EmbeddingModel: "opts.DefaultEmbeddingModel", Truncation: TruncationNoReason,
	}},
	AdjustInfo: addGeminiThoughts,
	Shape: Shape{
		Info: map[string]Field{
			"PromptTokens": Input, "CompletionTokens": Output, "TotalTokens": Total,
			"input_tokens": Input, "output_tokens": Output, "total_tokens": Total, // all that Vertex has
			"CachedTokens":         Cached,
			"CacheReadInputTokens": CacheRead,
		},
		Paths: map[string]Field{
			"responseId":                ID,
			"modelVersion":              Model,
			"candidates[].finishReason": FinishReason,
			"candidates[].index":        ChoiceIndex,

			"candidates[].content.parts[].text": Delta, "candidates[].content.parts[].functionCall.name": Delta,

			"error.status": ErrorCode | Fallback, // error.code is a number

			"usageMetadata.promptTokenCount":        Input,
			"usageMetadata.toolUsePromptTokenCount": ToolInput,
			"usageMetadata.cachedContentTokenCount": Cached,
			"usageMetadata.candidatesTokenCount":    Output,
			"usageMetadata.thoughtsTokenCount":      Thoughts,

			// The names of the protocol buffers.
			"response_id":                ID | Fallback,
			"model_version":              Model,
			"candidates[].finish_reason": FinishReason,

			"usage_metadata.prompt_token_count":          Input,
			"usage_metadata.tool_use_prompt_token_count": ToolInput,
			"usage_metadata.cached_content_token_count":  Cached,
			"usage_metadata.candidates_token_count":      Output,
			"usage_metadata.thoughts_token_count":        Thoughts,
		},
		FinishReasons: map[string]string{
			"FINISH_REASON_UNSPECIFIED": "", "unspecified": "",
			"stop": "stop", "max_tokens": "length",
			"safety": "content_filter", "recitation": "content_filter", "blocklist": "content_filter",
			"prohibited_content": "content_filter", "spii": "content_filter", "image_safety": "content_filter",
			"malformed_function_call": "error", "unexpected_tool_call": "error", "too_many_tool_calls": "error",
		},
		StatusMarkers: []string{"googleapi: Error "},
	},
})

// addGeminiThoughts finds the tokens of thoughts, for which the clients have no
// field: the total counts them. With the tools that the clients can ask for,
// nothing else is in the difference. Only Google's clients count in int32.
func addGeminiThoughts(c *Counts, info map[string]any) {
	if _, ok := info["total_tokens"].(int32); !ok || c[Input] == 0 || c[Reasoning] > 0 {
		return
	}
	c[Thoughts] = max(0, c[Total]-c[Input]-c[Output])
}

// geminiReasons is the enum Candidate.FinishReason of the Gemini API. Google's Go
// SDK asks for its numbers, and has names for the first five. Vertex AI's enum has
// other numbers from 6 on.
var geminiReasons = [...]string{
	1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER", 6: "LANGUAGE", 7: "BLOCKLIST", 8: "PROHIBITED_CONTENT", 9: "SPII",
	10: "MALFORMED_FUNCTION_CALL", 11: "IMAGE_SAFETY", 12: "UNEXPECTED_TOOL_CALL", 13: "TOO_MANY_TOOL_CALLS",
}

// GeminiReason is the name of a finish reason that the Gemini API gave as a
// number, or "".
func GeminiReason(n int) string {
	if n < 0 || n >= len(geminiReasons) {
		return ""
	}
	return geminiReasons[n]
}
