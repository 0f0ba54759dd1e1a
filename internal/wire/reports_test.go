// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/metrics"
)

// What people reported of other libraries, with their numbers: what servers answer,
// and what is right. docs/reports.md lists all reports.
func TestPublicReports(t *testing.T) {
	for _, tt := range []struct {
		report, kind      string
		contentType, body string
		want              Response // without FinishReason and Complete
	}{
		{
			"langfuse/langfuse#10592", "cached tokens are a part of the input, not an addition", typeJSON,
			`{"usage":{"prompt_tokens":17903,"completion_tokens":5,"total_tokens":17908,"prompt_tokens_details":{"cached_tokens":17817}}}`,
			Response{Usage: metrics.Usage{Input: 17903, Output: 5, CacheRead: 17817}},
		},
		{
			"langfuse/langfuse#12306", "Anthropic counts the input without its cache", typeJSON,
			`{"usage":{"input_tokens":5,"cache_read_input_tokens":128955,"cache_creation_input_tokens":1253,"output_tokens":9}}`,
			Response{Usage: metrics.Usage{Input: 130213, Output: 9, CacheRead: 128955, CacheCreation: 1253}},
		},
		{
			"BerriAI/litellm#9812", "what is written to the cache counts once", typeJSON,
			`{"usage":{"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"output_tokens":550}}`,
			Response{Usage: metrics.Usage{Input: 12307, Output: 550, CacheCreation: 12304}},
		},
		{
			"langchain-ai/langsmith-sdk#2519", "a few tokens beside a large cache are not lost", typeJSON,
			`{"usage":{"input_tokens":19,"cache_creation_input_tokens":0,"cache_read_input_tokens":39000,"output_tokens":1}}`,
			Response{Usage: metrics.Usage{Input: 39019, Output: 1, CacheRead: 39000}},
		},
		{
			"BerriAI/litellm#15056", "a gateway that leaves the cache out of prompt_tokens", typeJSON,
			`{"usage":{"completion_tokens":467,"prompt_tokens":31,"total_tokens":498,"prompt_tokens_details":{"cached_tokens":0},"cache_creation_input_tokens":1253,"cache_read_input_tokens":0}}`,
			Response{Usage: metrics.Usage{Input: 1284, Output: 467, CacheCreation: 1253}},
		},
		{
			"BerriAI/litellm#11364", "a gateway that tells the same cache twice", typeJSON,
			`{"usage":{"total_tokens":103925,"prompt_tokens":98805,"completion_tokens":5120,"prompt_tokens_details":{"cached_tokens":66360,"cache_creation_tokens":32435},"cache_read_input_tokens":66360,"completion_tokens_details":{"reasoning_tokens":1710},"cache_creation_input_tokens":32435}}`,
			Response{Usage: metrics.Usage{Input: 98805, Output: 5120, CacheRead: 66360, CacheCreation: 32435, Reasoning: 1710}},
		},
		{
			"BerriAI/litellm#11789", "a gateway's stream that has zero in one place and the cache in another", typeEvents,
			"data: {\"usage\":{\"total_tokens\":2482,\"prompt_tokens\":2459,\"completion_tokens\":23,\"prompt_tokens_details\":{\"cached_tokens\":0},\"cache_read_input_tokens\":2455,\"cache_creation_input_tokens\":0}}\n\n",
			Response{Usage: metrics.Usage{Input: 2459, Output: 23, CacheRead: 2455}},
		},
		{
			"mindroom-ai/mindroom#2134", "cache writes of OpenAI's Responses API", typeJSON,
			`{"usage":{"input_tokens":2600,"output_tokens":300,"total_tokens":2900,"input_tokens_details":{"cached_tokens":2000,"cache_write_tokens":400}}}`,
			Response{Usage: metrics.Usage{Input: 2600, Output: 300, CacheRead: 2000, CacheCreation: 400}},
		},
		{
			"braintrustdata/braintrust-sdk-java#88", "Bedrock's names for its cache", typeJSON,
			`{"usage":{"inputTokens":12,"outputTokens":5,"totalTokens":1617,"cacheReadInputTokens":1000,"cacheWriteInputTokens":600,"cacheDetails":[{"inputTokens":600,"ttl":"5m"}]}}`,
			Response{Usage: metrics.Usage{Input: 1612, Output: 5, CacheRead: 1000, CacheCreation: 600}},
		},
		{
			"langchain-ai/langsmith-sdk#1858", "Bedrock's input is never less than its cache", typeJSON,
			`{"usage":{"inputTokens":4,"outputTokens":5,"totalTokens":50009,"cacheReadInputTokens":50000}}`,
			Response{Usage: metrics.Usage{Input: 50004, Output: 5, CacheRead: 50000}},
		},
		{
			"langchain-ai/langsmith-sdk#2150", "the parts of a cache by their time are no additions to it", typeJSON,
			`{"usage":{"input_tokens":10,"output_tokens":1,"cache_creation_input_tokens":951000,"cache_creation":{"ephemeral_5m_input_tokens":951000,"ephemeral_1h_input_tokens":0}}}`,
			Response{Usage: metrics.Usage{Input: 951010, Output: 1, CacheCreation: 951000}},
		},
		{
			"braintrustdata/braintrust-sdk-python#344", "a cache of one hour is told apart", typeJSON,
			`{"usage":{"input_tokens":10,"output_tokens":1,"cache_creation_input_tokens":556,"cache_creation":{"ephemeral_5m_input_tokens":456,"ephemeral_1h_input_tokens":100}}}`,
			Response{Usage: metrics.Usage{Input: 566, Output: 1, CacheCreation: 556, CacheCreation1h: 100}},
		},
		{
			"Wei-Shaw/sub2api#5771", "xAI counts reasoning beside the completion", typeJSON,
			`{"usage":{"prompt_tokens":10120,"completion_tokens":1499,"total_tokens":14428,"prompt_tokens_details":{"cached_tokens":128},"completion_tokens_details":{"reasoning_tokens":2809}}}`,
			Response{Usage: metrics.Usage{Input: 10120, Output: 4308, CacheRead: 128, Reasoning: 2809}},
		},
		{
			"vercel/ai#12425", "the same, where almost all is reasoning", typeJSON,
			`{"usage":{"prompt_tokens":12,"completion_tokens":1,"total_tokens":399,"completion_tokens_details":{"reasoning_tokens":386}}}`,
			Response{Usage: metrics.Usage{Input: 12, Output: 387, Reasoning: 386}},
		},
		{
			"promptfoo/promptfoo#9507", "where the total shows that reasoning is in the completion, it is not added", typeJSON,
			`{"usage":{"prompt_tokens":500,"completion_tokens":500,"total_tokens":1000,"completion_tokens_details":{"reasoning_tokens":200}}}`,
			Response{Usage: metrics.Usage{Input: 500, Output: 500, Reasoning: 200}},
		},
		{
			"simonw/llm-gemini#75", "Gemini counts thoughts beside the candidates", typeJSON,
			`{"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1,"thoughtsTokenCount":98,"totalTokenCount":107}}`,
			Response{Usage: metrics.Usage{Input: 8, Output: 99, Reasoning: 98}},
		},
		{
			"langfuse/langfuse#4027", "a stream's usage stands in a last chunk without choices", typeEvents,
			"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":null}],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":13,\"completion_tokens\":1,\"total_tokens\":14}}\n\ndata: [DONE]\n\n",
			Response{Usage: metrics.Usage{Input: 13, Output: 1}},
		},
		{
			"langfuse/langfuse#3265", "Groq's streams have it in a place of their own", typeEvents,
			"data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"x_groq\":{\"id\":\"req_01\",\"usage\":{\"prompt_tokens\":37,\"completion_tokens\":8,\"total_tokens\":45}}}\n\ndata: [DONE]\n\n",
			Response{Usage: metrics.Usage{Input: 37, Output: 8}},
		},
		{
			"langchain-ai/langchain#35509", "Anthropic's streams tell the input at the start, and some only there", typeEvents,
			"data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"input_tokens\":0,\"output_tokens\":15}}\n\n",
			Response{Usage: metrics.Usage{Input: 25, Output: 15}},
		},
		{
			"langchain-ai/langchain#20180", "the one token that Anthropic's streams begin with is no count", typeEvents,
			"data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":8,\"output_tokens\":1}}}\n\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"h\"}}\n\n",
			Response{Usage: metrics.Usage{Input: 8}},
		},
		{
			"traceloop/openllmetry#3395", "streams of OpenAI's Responses API", typeEvents,
			"data: {\"type\":\"response.created\",\"response\":{\"usage\":null}}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":12,\"total_tokens\":21}}}\n\n",
			Response{Usage: metrics.Usage{Input: 9, Output: 12}},
		},
		{
			"open-telemetry/opentelemetry-python-genai#503", "a stream tells its model and id", typeEvents,
			"data: {\"id\":\"chatcmpl-1\",\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[]}\n\n",
			Response{ID: "chatcmpl-1", Model: "gpt-4o-mini-2024-07-18"},
		},
		{
			"pydantic/logfire#64", "Azure's first chunk has no choices and no id", typeEvents,
			"data: {\"choices\":[],\"id\":\"\",\"model\":\"\",\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\ndata: {\"id\":\"c\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n",
			Response{ID: "c", Model: "gpt-4o"},
		},
		{
			"diegosouzapw/OmniRoute#8210", "a stream whose only chunk has no choices and an error is no empty success", typeEvents,
			"data: {\"choices\":[],\"error\":{\"code\":502,\"message\":\"Worker local total request limit reached\"}}\n\ndata: [DONE]\n\n",
			Response{Failure: "502"},
		},
		{
			"damianvtran/local-operator#223", "an error beside a finish reason, in the middle of a stream", typeEvents,
			"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"error\":{\"code\":\"server_error\",\"message\":\"Provider disconnected\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"}}]}\n\n",
			Response{Failure: "server_error", ErrorCode: "server_error"},
		},
		{
			"open-octo/octo-agent#910", "an error after text, and no end mark", typeEvents,
			"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"error\":{\"message\":\"m\",\"type\":\"rate_limit_error\"}}\n\n",
			Response{Failure: "rate_limit_error", ErrorCode: "rate_limit_error"},
		},
		{
			"genkit-ai/genkit#6259", "an error inside a choice", typeEvents,
			"data: {\"choices\":[{\"error\":{\"code\":504,\"message\":\"upstream timed out\"}}]}\n\n",
			Response{Failure: "504"},
		},
		{
			"vercel/ai#13480", "a rate limit in the middle of a response, told by two events", typeEvents,
			"data: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"m\"}\n\ndata: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"m\"}}}\n\n",
			Response{Failure: "rate_limit_exceeded", ErrorCode: "rate_limit_exceeded"},
		},
		{
			"langchain-ai/langchain#39039", "a response that failed without saying why", typeEvents,
			"data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":null}}\n\n",
			Response{Failure: "_OTHER"},
		},
		{
			"xyOz-dev/Saturn#43", "an error in a whole body with status 200", typeJSON,
			`{"error":{"code":429,"message":"Rate limit exceeded"}}`,
			Response{Failure: "429"},
		},
	} {
		got := parse(tt.contentType, "", [][]byte{[]byte(tt.body)})
		got.Complete, got.FinishReason = false, nil
		assert.Equal(t, tt.want, got, "%s: %s", tt.report, tt.kind)
	}
}
