// SPDX-License-Identifier: Apache-2.0

package providers

// BedrockTokenCounts maps the headers in which Bedrock counts tokens. It counts
// the cache apart from the input.
var BedrockTokenCounts = map[string]Field{
	"X-Amzn-Bedrock-Input-Token-Count":             UncachedInput,
	"X-Amzn-Bedrock-Output-Token-Count":            Output,
	"X-Amzn-Bedrock-Cache-Read-Input-Token-Count":  CacheRead,
	"X-Amzn-Bedrock-Cache-Write-Input-Token-Count": CacheWrite,
}

var _ = register(Provider{
	Name: "aws.bedrock",
	Clients: []Client{
		{Package: "llms/bedrock", Model: "modelID", Truncation: TruncationNoReason},
		{Package: "embeddings/bedrock", EmbeddingModel: "ModelID"},
	},
	IsContentBlock: isNovaBlock,
	ChoiceCounts:   bedrockCounts,
	Shape: Shape{
		Info: map[string]Field{"input_tokens": Input, "output_tokens": Output, "id": ID, "generation_id": ID},
		Paths: map[string]Field{
			"__type": ErrorCode | Fallback,

			// Titan. Its embeddings have the input's count only.
			"inputTextTokenCount":        Input,
			"results[].tokenCount":       OutputPart,
			"results[].completionReason": FinishReason,

			// Nova.
			"stopReason": FinishReason,

			// Meta.
			"prompt_token_count":     Input,
			"generation_token_count": Output,
			"stop_reason":            FinishReason,

			// AI21's Jurassic, whose id is a number.
			"id":                                ID,
			"completions[].finishReason.reason": FinishReason,
		},
		UsageObjects: []string{"usage"},
		Usage: map[string]Field{
			"inputTokens":               UncachedInput, // Nova, which has two names for the others
			"outputTokens":              Output,
			"cacheReadInputTokenCount":  CacheRead,
			"cacheReadInputTokens":      CacheRead,
			"cacheWriteInputTokenCount": CacheWrite,
			"cacheWriteInputTokens":     CacheWrite,
		},
		FinishReasons: map[string]string{
			"finish": "stop", "finished": "stop", "endoftext": "stop", "stop_criteria_met": "stop",
			"content_filtered": "content_filter", "guardrail_intervened": "content_filter",
		},
		StatusMarkers: []string{"StatusCode: "},
		Headers:       []string{"x-amzn-requestid"},
	},
})

// bedrockCounts returns the counts of one choice. The clients of Titan and AI21
// repeat the input count in every choice and split the outputs.
func bedrockCounts(info map[string]any) (input, output int, ok bool) {
	input, okIn := info["input_tokens"].(int)
	output, okOut := info["output_tokens"].(int)
	_, hasTotal := info["total_tokens"]
	return input, output, okIn && okOut && !hasTotal
}

// isNovaBlock reports whether a choice is a content block of Nova's one message.
// Nova repeats the output count in all of them; Titan, with the same keys, does
// not.
func isNovaBlock(first, info map[string]any) bool {
	in, out, ok := bedrockCounts(info)
	firstIn, firstOut, okFirst := bedrockCounts(first)
	return ok && okFirst && len(info) == 2 && in == firstIn && out == firstOut
}
