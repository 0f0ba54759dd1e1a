// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/spanloom/spanloom/metrics"

const (
	typeJSON   = "application/json"
	typeEvents = "text/event-stream"
	typeLines  = "application/x-ndjson"
)

// shape is what one kind of server answers, and where that is known from: files
// are langchaingo's, *.httprr among them recorded traffic (shortened).
type shape struct {
	name, source, contentType string
	body                      string
	want                      Response // Complete is meant, too
}

var shapes = []shape{
	{
		"openai chat", "llms/openai/internal/openaiclient/testdata/TestClient_WithResponseFormat.httprr", typeJSON,
		`{
  "id": "chatcmpl-C6bkNglXDIjWwmE0eFbf6nL1scb8r",
  "object": "chat.completion",
  "created": 1755691103,
  "model": "gpt-3.5-turbo-0125",
  "choices": [
    {
      "index": 0,
      "message": {"role": "assistant", "content": "{\n  \"greeting\": \"hello\"\n}", "refusal": null, "annotations": []},
      "logprobs": null,
      "finish_reason": "stop"
    }
  ],
  "usage": {
    "prompt_tokens": 21, "completion_tokens": 10, "total_tokens": 31,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
  },
  "service_tier": "default",
  "system_fingerprint": null
}
`,
		Response{ID: "chatcmpl-C6bkNglXDIjWwmE0eFbf6nL1scb8r", Model: "gpt-3.5-turbo-0125", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 21, Output: 10}},
	},
	{
		"openai chat, cache and reasoning", "llms/openai/internal/openaiclient/chat.go: ChatUsage", typeJSON,
		`{"id":"c","model":"o3","choices":[],"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920},"completion_tokens_details":{"reasoning_tokens":256}}}`,
		Response{ID: "c", Model: "o3", Usage: metrics.Usage{Input: 2006, Output: 300, CacheRead: 1920, Reasoning: 256}},
	},
	{
		"openai chat, two choices out of order", "WithN(2); index is a number of any kind, chat.go has float64", typeJSON,
		`{"id":"c","choices":[{"finish_reason":"length","index":1.0},{"finish_reason":"stop","index":0}]}`,
		Response{ID: "c", FinishReason: []string{"stop", "length"}},
	},
	{
		"openai stream", "llms/openai/testdata/TestWithStreaming.httprr", typeEvents + "; charset=utf-8",
		`data: {"id":"chatcmpl-C6coQW3cjZg7Jq2RcHQDQsjz3ZJx5","object":"chat.completion.chunk","created":1755695198,"model":"gpt-3.5-turbo-0125","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"Bvi6fSw9"}

data: {"id":"chatcmpl-C6coQW3cjZg7Jq2RcHQDQsjz3ZJx5","object":"chat.completion.chunk","created":1755695198,"model":"gpt-3.5-turbo-0125","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null,"obfuscation":"mWYR"}

data: {"id":"chatcmpl-C6coQW3cjZg7Jq2RcHQDQsjz3ZJx5","object":"chat.completion.chunk","created":1755695198,"model":"gpt-3.5-turbo-0125","service_tier":"default","system_fingerprint":null,"choices":[],"usage":{"prompt_tokens":19,"completion_tokens":82,"total_tokens":101,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"obfuscation":"b7jp2X2I"}

data: [DONE]

`,
		Response{ID: "chatcmpl-C6coQW3cjZg7Jq2RcHQDQsjz3ZJx5", Model: "gpt-3.5-turbo-0125", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 19, Output: 82}},
	},
	{
		"openrouter stream", "llms/openai/testdata/TestOpenRouterStreaming.httprr: comments, and usage in a chunk with a choice", typeEvents,
		`: OPENROUTER PROCESSING

data: {"id":"gen-1754667632-NNYO7FUAFP6cwNW8jL7x","provider":"Venice","model":"meta-llama/llama-3.2-3b-instruct:free","object":"chat.completion.chunk","created":1754667632,"choices":[{"index":0,"delta":{"role":"assistant","content":"test response"},"finish_reason":"stop","native_finish_reason":"stop","logprobs":null}]}

data: {"id":"gen-1754667632-NNYO7FUAFP6cwNW8jL7x","provider":"Venice","model":"meta-llama/llama-3.2-3b-instruct:free","object":"chat.completion.chunk","created":1754667632,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null,"native_finish_reason":null,"logprobs":null}],"usage":{"prompt_tokens":586,"completion_tokens":3,"total_tokens":589,"cost":0,"is_byok":false,"prompt_tokens_details":{"cached_tokens":0},"cost_details":{"upstream_inference_cost":null},"completion_tokens_details":{"reasoning_tokens":0}}}

data: [DONE]

`,
		Response{ID: "gen-1754667632-NNYO7FUAFP6cwNW8jL7x", Model: "meta-llama/llama-3.2-3b-instruct:free", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 586, Output: 3}},
	},
	{
		"azure stream", "Azure's first chunk is about its filter and has no id", typeEvents,
		`data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}

data: {"id":"c","model":"gpt-4o","choices":[{"index":0,"finish_reason":"content_filter"}]}

data: [DONE]

`,
		Response{ID: "c", Model: "gpt-4o", FinishReason: []string{"content_filter"}},
	},
	{
		"groq stream", "console.groq.com/docs: usage is in x_groq, whose id is the request's", typeEvents,
		`data: {"id":"chatcmpl-1","model":"llama-3.1-8b-instant","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_01","usage":{"queue_time":0.01,"prompt_tokens":37,"completion_tokens":8,"total_tokens":45}}}

data: [DONE]

`,
		Response{ID: "chatcmpl-1", Model: "llama-3.1-8b-instant", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 37, Output: 8}},
	},
	{
		"moonshot stream", "platform.moonshot.ai/docs: usage is in the last choice, the cache beside it", typeEvents,
		`data: {"id":"m","model":"kimi-k2","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":19,"completion_tokens":13,"total_tokens":32,"cached_tokens":16}}]}

data: [DONE]

`,
		Response{ID: "m", Model: "kimi-k2", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 19, Output: 13, CacheRead: 16}},
	},
	{
		"deepseek", "api-docs.deepseek.com: hits and misses make up prompt_tokens", typeJSON,
		`{"id":"d","model":"deepseek-reasoner","choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36,"completion_tokens_details":{"reasoning_tokens":40}}}`,
		Response{ID: "d", Model: "deepseek-reasoner", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 100, Output: 50, CacheRead: 64, Reasoning: 40}},
	},
	{
		"xai", "docs.x.ai: reasoning is in total_tokens, but not in completion_tokens", typeJSON,
		`{"id":"x","model":"grok-3-mini","choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":1,"total_tokens":399,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":386}}}`,
		Response{ID: "x", Model: "grok-3-mini", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 12, Output: 387, CacheRead: 4, Reasoning: 386}},
	},
	{
		"litellm", "a proxy that has Anthropic's counts beside prompt_tokens, which includes them", typeJSON,
		`{"id":"l","usage":{"prompt_tokens":118,"completion_tokens":5,"total_tokens":123,"cache_creation_input_tokens":30,"cache_read_input_tokens":70,"prompt_tokens_details":{"cached_tokens":70}}}`,
		Response{ID: "l", Usage: metrics.Usage{Input: 118, Output: 5, CacheRead: 70, CacheCreation: 30}},
	},
	{
		"openai chat, cache written", "developers.openai.com, prompt caching: from GPT-5.6 on, a part of the input; OpenRouter spells it the same", typeJSON,
		`{"id":"c","model":"gpt-5.6","choices":[],"usage":{"prompt_tokens":25612,"completion_tokens":14,"total_tokens":25626,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":25600}}}`,
		Response{ID: "c", Model: "gpt-5.6", Usage: metrics.Usage{Input: 25612, Output: 14, CacheCreation: 25600}},
	},
	{
		"openai responses, cache read and written", "the same", typeJSON,
		`{"id":"r","model":"gpt-5.6","usage":{"input_tokens":2600,"output_tokens":5,"total_tokens":2605,"input_tokens_details":{"cached_tokens":2000,"cache_write_tokens":400}}}`,
		Response{ID: "r", Model: "gpt-5.6", Usage: metrics.Usage{Input: 2600, Output: 5, CacheRead: 2000, CacheCreation: 400}},
	},
	{
		"litellm, cache written", "its details have a total and the part of one hour, beside Anthropic's count", typeJSON,
		`{"id":"l","usage":{"prompt_tokens":98805,"completion_tokens":5120,"total_tokens":103925,"prompt_tokens_details":{"cached_tokens":66360,"cache_creation_tokens":32435,"cache_creation_token_details":{"ephemeral_5m_input_tokens":30000,"ephemeral_1h_input_tokens":2435}},"cache_read_input_tokens":66360,"cache_creation_input_tokens":32435}}`,
		Response{ID: "l", Usage: metrics.Usage{Input: 98805, Output: 5120, CacheRead: 66360, CacheCreation: 32435, CacheCreation1h: 2435}},
	},
	{
		"litellm, cache written besides the input", "BerriAI/litellm issue 15056: prompt_tokens is without the cache, which is larger", typeJSON,
		`{"id":"l","usage":{"completion_tokens":467,"prompt_tokens":31,"total_tokens":498,"prompt_tokens_details":{"cached_tokens":0},"cache_creation_input_tokens":1253,"cache_read_input_tokens":0}}`,
		Response{ID: "l", Usage: metrics.Usage{Input: 1284, Output: 467, CacheCreation: 1253}},
	},
	{
		"bedrock converse", "docs.aws.amazon.com, TokenUsage: the input is without the cache", typeJSON,
		`{"stopReason":"end_turn","usage":{"inputTokens":12,"outputTokens":5,"totalTokens":25617,"cacheReadInputTokens":0,"cacheWriteInputTokens":25600,"cacheDetails":[{"inputTokens":25600,"ttl":"5m"}]}}`,
		Response{FinishReason: []string{"end_turn"}, Usage: metrics.Usage{Input: 25612, Output: 5, CacheCreation: 25600}},
	},
	{
		"openai embeddings", "embeddings/testdata/TestOpenaiEmbeddings.httprr", typeJSON,
		`{
  "object": "list",
  "data": [
    {
      "object": "embedding",
      "index": 0,
      "embedding": [
        0.006616918,
        -0.011868939,
        9.6857286e-05,
        -0
      ]
    }
  ],
  "model": "text-embedding-ada-002-v2",
  "usage": {
    "prompt_tokens": 3,
    "total_tokens": 3
  }
}
`,
		Response{Model: "text-embedding-ada-002-v2", Usage: metrics.Usage{Input: 3}},
	},
	{
		"voyage embeddings", "docs.voyageai.com: the total is all there is; embeddings/voyageai reads none of it", typeJSON,
		`{"object":"list","data":[{"object":"embedding","embedding":[0.1,-0.2],"index":0}],"model":"voyage-2","usage":{"total_tokens":10}}`,
		Response{Model: "voyage-2", Usage: metrics.Usage{Input: 10}},
	},
	{
		"jina embeddings", "embeddings/jina/jina.go: EmbeddingResponse; base64 as embedding_type may ask for", typeJSON,
		`{"model":"jina-embeddings-v3","object":"list","usage":{"total_tokens":6},"data":[{"object":"embedding","index":0,"embedding":"AAAA"}]}`,
		Response{Model: "jina-embeddings-v3", Usage: metrics.Usage{Input: 6}},
	},
	{
		"a total without embeddings", "what of it is input is not known", typeJSON,
		`{"model":"m","answer":"x","usage":{"total_tokens":10}}`,
		Response{Model: "m"},
	},
	{
		"openai responses", "platform.openai.com/docs/api-reference/responses", typeJSON,
		`{"id":"resp_1","object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"model":"gpt-5","output":[{"id":"rs_1","type":"reasoning"}],"usage":{"input_tokens":75,"input_tokens_details":{"cached_tokens":64},"output_tokens":1186,"output_tokens_details":{"reasoning_tokens":1024},"total_tokens":1261}}`,
		Response{ID: "resp_1", Model: "gpt-5", FinishReason: []string{"max_output_tokens"}, Usage: metrics.Usage{Input: 75, Output: 1186, CacheRead: 64, Reasoning: 1024}},
	},
	{
		"openai responses stream", "platform.openai.com/docs/api-reference/responses-streaming", typeEvents,
		`event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress","model":"gpt-5","usage":null,"incomplete_details":null}}

event: response.output_item.added
data: {"type":"response.output_item.added","item":{"id":"msg_1","type":"message"}}

event: response.completed
data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","model":"gpt-5-2025-08-07","usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":0},"output_tokens":12,"output_tokens_details":{"reasoning_tokens":8},"total_tokens":21}}}

`,
		Response{ID: "resp_1", Model: "gpt-5-2025-08-07", Usage: metrics.Usage{Input: 9, Output: 12, Reasoning: 8}},
	},
	{
		"anthropic", "llms/anthropic/internal/anthropicclient/testdata/TestClient_CreateMessage.httprr", typeJSON,
		`{"id":"msg_014pVpaDLxzAdWjwpuN7rQQX","type":"message","role":"assistant","model":"claude-3-opus-20240229","content":[{"type":"text","text":"Hello! How can I help you today?"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":13,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":35,"service_tier":"standard"}}`,
		Response{ID: "msg_014pVpaDLxzAdWjwpuN7rQQX", Model: "claude-3-opus-20240229", FinishReason: []string{"end_turn"}, Usage: metrics.Usage{Input: 13, Output: 35}},
	},
	{
		"anthropic, cache", "input_tokens is without the cache; a tool's id and input are the model's", typeJSON,
		`{"id":"msg_1","model":"claude","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"id":"no","model":"no","usage":{"input_tokens":9}}}],"stop_reason":"tool_use","usage":{"input_tokens":4,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"output_tokens":20}}`,
		Response{ID: "msg_1", Model: "claude", FinishReason: []string{"tool_use"}, Usage: metrics.Usage{Input: 2104, Output: 20, CacheRead: 2000, CacheCreation: 100}},
	},
	{
		"anthropic, a cache of one hour", "docs.anthropic.com, prompt caching: cache_creation has the parts of cache_creation_input_tokens", typeJSON,
		`{"id":"msg_2","model":"claude","stop_reason":"end_turn","usage":{"input_tokens":4,"cache_creation_input_tokens":556,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":456,"ephemeral_1h_input_tokens":100},"output_tokens":20}}`,
		Response{ID: "msg_2", Model: "claude", FinishReason: []string{"end_turn"}, Usage: metrics.Usage{Input: 560, Output: 20, CacheCreation: 556, CacheCreation1h: 100}},
	},
	{
		"openrouter", "openrouter.ai/docs, usage accounting: cost is in US dollars", typeJSON,
		`{"id":"gen-1","model":"openai/gpt-4o","choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":194,"completion_tokens":2,"total_tokens":196,"cost":9.5e-05,"cost_details":{"upstream_inference_cost":null}}}`,
		Response{ID: "gen-1", Model: "openai/gpt-4o", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 194, Output: 2, Cost: 95_000_000}},
	},
	{
		"perplexity", "docs.perplexity.ai: usage.cost has parts and their total", typeJSON,
		`{"id":"p","model":"sonar","choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10,"cost":{"input_tokens_cost":8e-06,"output_tokens_cost":2e-06,"request_cost":0.005,"total_cost":0.00501}}}`,
		Response{ID: "p", Model: "sonar", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 8, Output: 2, Cost: 5_010_000_000}},
	},
	{
		"anthropic stream", "llms/anthropic/internal/anthropicclient/testdata/TestClient_CreateMessageStream.httprr", typeEvents + "; charset=utf-8",
		`event: message_start
data: {"type":"message_start","message":{"id":"msg_01Ju7oPaDmjgrhWq8gNP4AUj","type":"message","role":"assistant","model":"claude-3-opus-20240229","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":15,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":3,"service_tier":"standard"}}           }

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}  }

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\n2\n3"}      }

event: ping
data: {"type": "ping"}

event: content_block_stop
data: {"type":"content_block_stop","index":0        }

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":15,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":13}        }

event: message_stop
data: {"type":"message_stop"              }

`,
		Response{ID: "msg_01Ju7oPaDmjgrhWq8gNP4AUj", Model: "claude-3-opus-20240229", FinishReason: []string{"end_turn"}, Usage: metrics.Usage{Input: 15, Output: 13}},
	},
	{
		"anthropic stream, cache", "message_delta need not repeat the input, and some proxies write zero", typeEvents,
		`event: message_start
data: {"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":4,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"output_tokens":1}}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":0,"output_tokens":20}}

event: message_stop
data: {"type":"message_stop"}

`,
		Response{ID: "msg_1", Model: "claude", FinishReason: []string{"max_tokens"}, Usage: metrics.Usage{Input: 2104, Output: 20, CacheRead: 2000, CacheCreation: 100}},
	},
	{
		"anthropic completions", "llms/anthropic/internal/anthropicclient/completions.go", typeJSON,
		`{"completion":" Hi","stop_reason":"stop_sequence","model":"claude-2.1","stop":"\n\nHuman:","log_id":"b2"}`,
		Response{Model: "claude-2.1", FinishReason: []string{"stop_sequence"}},
	},
	{
		"google", "llms/googleai/testdata/TestGoogleAICall.httprr: enums are numbers", typeJSON + "; charset=UTF-8",
		`{
  "candidates": [
    {
      "content": {"parts": [{"text": "2 + 2 = 4\n"}], "role": "model"},
      "finishReason": 1,
      "safetyRatings": [{"category": 8, "probability": 1}],
      "avgLogprobs": -0.00011148199700983241
    }
  ],
  "usageMetadata": {
    "promptTokenCount": 8,
    "candidatesTokenCount": 8,
    "totalTokenCount": 16,
    "promptTokensDetails": [{"modality": 1, "tokenCount": 8}]
  },
  "modelVersion": "gemini-2.0-flash",
  "responseId": "Tx-jaPj4NoO8kdUPvb7JwAc"
}
`,
		Response{ID: "Tx-jaPj4NoO8kdUPvb7JwAc", Model: "gemini-2.0-flash", FinishReason: []string{"STOP"}, Usage: metrics.Usage{Input: 8, Output: 8}},
	},
	{
		"google, all counts", "ai.google.dev/api/generate-content#UsageMetadata: thoughts and tools are counted apart, the cache is not", typeJSON,
		`{"candidates":[{"finishReason":"MAX_TOKENS"},{"finishReason":"STOP","index":2},{"finishReason":"FINISH_REASON_UNSPECIFIED"},{"finishReason":0}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":80,"candidatesTokenCount":20,"toolUsePromptTokenCount":7,"thoughtsTokenCount":300,"totalTokenCount":427}}`,
		Response{FinishReason: []string{"MAX_TOKENS", "STOP"}, Usage: metrics.Usage{Input: 107, Output: 320, CacheRead: 80, Reasoning: 300}},
	},
	{
		"google, proto's names", "protojson with UseProtoNames", typeJSON,
		`{"candidates":[{"finish_reason":"SAFETY"}],"usage_metadata":{"prompt_token_count":1,"cached_content_token_count":1,"candidates_token_count":2,"tool_use_prompt_token_count":3,"thoughts_token_count":4},"model_version":"m","response_id":"r"}`,
		Response{ID: "r", Model: "m", FinishReason: []string{"SAFETY"}, Usage: metrics.Usage{Input: 4, Output: 6, CacheRead: 1, Reasoning: 4}},
	},
	{
		"google stream", "llms/googleai/testdata/TestGoogleAIWithStreaming.httprr: an array; only the last usage is right", typeJSON + "; charset=UTF-8",
		`[{
  "candidates": [{"content": {"parts": [{"text": "C"}], "role": "model"}}],
  "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9},
  "modelVersion": "gemini-2.0-flash",
  "responseId": "VB-jaN_BCZuThMIPnryvyAg"
}
,
{
  "candidates": [{"content": {"parts": [{"text": "lementine"}], "role": "model"}, "finishReason": 1}],
  "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 578, "totalTokenCount": 586},
  "modelVersion": "gemini-2.0-flash",
  "responseId": "VB-jaN_BCZuThMIPnryvyAg"
}
]`,
		Response{ID: "VB-jaN_BCZuThMIPnryvyAg", Model: "gemini-2.0-flash", FinishReason: []string{"STOP"}, Usage: metrics.Usage{Input: 8, Output: 578}},
	},
	{
		"google stream, events", "alt=sse: lines end in CRLF, and no marker follows the last", typeEvents,
		"data: {\"candidates\": [{\"content\": {}}],\"usageMetadata\": {\"promptTokenCount\": 9},\"modelVersion\": \"gemini-2.0-flash\",\"responseId\": \"r\"}\r\n\r\n" +
			"data: {\"candidates\": [{\"finishReason\": \"STOP\"}],\"usageMetadata\": {\"promptTokenCount\": 8,\"candidatesTokenCount\": 5},\"modelVersion\": \"gemini-2.0-flash\",\"responseId\": \"r\"}\r\n\r\n",
		Response{ID: "r", Model: "gemini-2.0-flash", FinishReason: []string{"STOP"}, Usage: metrics.Usage{Input: 8, Output: 5}},
	},
	{
		"google embeddings", "llms/googleai/testdata/TestGoogleAIBatchEmbedding.httprr: nothing but numbers", typeJSON,
		"{\n  \"embeddings\": [\n    {\n      \"values\": [\n        0.045809045,\n        -0.061955925\n      ]\n    }\n  ]\n}\n",
		Response{},
	},
	{
		"ollama", "llms/ollama/internal/ollamaclient/testdata/TestClient_Generate.httprr", typeJSON + "; charset=utf-8",
		`{"model":"gemma3:1b","created_at":"2025-08-20T13:48:21.068526Z","response":"Hello there! 😊 \n\nHow about you?","done":true,"done_reason":"stop","context":[105,2364,107,9259],"total_duration":404501958,"load_duration":45653375,"prompt_eval_count":15,"prompt_eval_duration":38767583,"eval_count":65,"eval_duration":319786334}`,
		Response{Model: "gemma3:1b", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 15, Output: 65}},
	},
	{
		"ollama stream", "llms/ollama/internal/ollamaclient/testdata/TestClient_GenerateChat.httprr", typeLines,
		`{"model":"gemma3:1b","created_at":"2025-08-20T13:48:23.241046Z","message":{"role":"assistant","content":"Hello"},"done":false}
{"model":"gemma3:1b","created_at":"2025-08-20T13:48:23.484598Z","message":{"role":"assistant","content":" "},"done":false}
{"model":"gemma3:1b","created_at":"2025-08-20T13:48:23.484603Z","message":{"role":"assistant","content":""},"done_reason":"length","done":true,"total_duration":313801125,"load_duration":41717917,"prompt_eval_count":15,"prompt_eval_duration":27758541,"eval_count":50,"eval_duration":243926334}
`,
		Response{Model: "gemma3:1b", FinishReason: []string{"length"}, Usage: metrics.Usage{Input: 15, Output: 50}},
	},
	{
		"ollama stream, wrong type", "the same behind a proxy; the first line is a document, but not the last", typeJSON,
		`{"model":"gemma3:1b","done":false}
{"model":"gemma3:1b","done":true,"prompt_eval_count":15,"eval_count":50}
`,
		Response{Model: "gemma3:1b", Usage: metrics.Usage{Input: 15, Output: 50}},
	},
	{
		"ollama embeddings", "llms/ollama/internal/ollamaclient/testdata/TestClient_CreateEmbedding.httprr", typeJSON + "; charset=utf-8",
		`{"model":"nomic-embed-text","embeddings":[[-0.006746773,-0.0013343222,0.17155783]],"total_duration":22283583,"load_duration":7451083,"prompt_eval_count":2}`,
		Response{Model: "nomic-embed-text", Usage: metrics.Usage{Input: 2}},
	},
	{
		"cohere generate", "llms/cohere/testdata/TestGenerateContent.httprr", typeJSON,
		`{"id":"4d735daf-780d-4a7a-b719-2deefff1b7e3","generations":[{"id":"7c0e0bab-887c-4411-a68e-669c5a1cebaa","text":" Hi! I'm Cohere","finish_reason":"COMPLETE"}],"prompt":"Hello, Cohere!","meta":{"api_version":{"version":"1"},"warnings":["Generate API is deprecated"],"billed_units":{"input_tokens":5,"output_tokens":76}}}`,
		Response{ID: "4d735daf-780d-4a7a-b719-2deefff1b7e3", FinishReason: []string{"COMPLETE"}, Usage: metrics.Usage{Input: 5, Output: 76}},
	},
	{
		"cohere chat v1", "docs.cohere.com/v1/reference/chat: of two ids and two counts", typeJSON,
		`{"response_id":"r","text":"Hi","generation_id":"g","chat_history":[],"finish_reason":"COMPLETE","meta":{"tokens":{"input_tokens":72,"output_tokens":9},"billed_units":{"input_tokens":5,"output_tokens":8}}}`,
		Response{ID: "g", FinishReason: []string{"COMPLETE"}, Usage: metrics.Usage{Input: 5, Output: 8}},
	},
	{
		"cohere chat v1, not billed", "the same", typeJSON,
		`{"response_id":"r","meta":{"tokens":{"input_tokens":72,"output_tokens":9}}}`,
		Response{ID: "r", Usage: metrics.Usage{Input: 72, Output: 9}},
	},
	{
		"cohere chat v1 stream", "docs.cohere.com/v1/docs/streaming", "application/stream+json",
		`{"is_finished":false,"event_type":"stream-start","generation_id":"g"}
{"is_finished":false,"event_type":"text-generation","text":"Hi"}
{"is_finished":true,"event_type":"stream-end","response":{"response_id":"r","generation_id":"g","text":"Hi","finish_reason":"COMPLETE","meta":{"billed_units":{"input_tokens":5,"output_tokens":8},"tokens":{"input_tokens":72,"output_tokens":9}}},"finish_reason":"COMPLETE"}
`,
		Response{ID: "g", FinishReason: []string{"COMPLETE"}, Usage: metrics.Usage{Input: 5, Output: 8}},
	},
	{
		"cohere chat v2", "docs.cohere.com/reference/chat; counts may be floats", typeJSON,
		`{"id":"c","finish_reason":"MAX_TOKENS","message":{"role":"assistant","content":[{"type":"text","text":"Hi"}]},"usage":{"billed_units":{"input_tokens":5.0,"output_tokens":8},"tokens":{"input_tokens":72,"output_tokens":9},"cached_tokens":4}}`,
		Response{ID: "c", FinishReason: []string{"MAX_TOKENS"}, Usage: metrics.Usage{Input: 5, Output: 8, CacheRead: 4}},
	},
	{
		"cohere chat v2 stream", "docs.cohere.com/v2/docs/streaming", typeEvents,
		`event: message-start
data: {"type":"message-start","id":"c","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[]}}}

event: content-delta
data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}}

event: message-end
data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5,"output_tokens":8},"tokens":{"input_tokens":72,"output_tokens":9}}}}

data: [DONE]

`,
		Response{ID: "c", FinishReason: []string{"COMPLETE"}, Usage: metrics.Usage{Input: 5, Output: 8}},
	},
	{
		"cohere embed", "docs.cohere.com/reference/embed", typeJSON,
		`{"id":"e","embeddings":{"float":[[0.1,0.2]]},"texts":["x"],"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":2}},"response_type":"embeddings_by_type"}`,
		Response{ID: "e", Usage: metrics.Usage{Input: 2}},
	},
	{
		"mistral", "docs.mistral.ai/api", typeJSON,
		`{"id":"cmpl-e5","object":"chat.completion","model":"mistral-small-latest","usage":{"prompt_tokens":16,"completion_tokens":34,"total_tokens":50},"created":1702256327,"choices":[{"index":0,"message":{"content":"x","tool_calls":null,"role":"assistant"},"finish_reason":"model_length"}]}`,
		Response{ID: "cmpl-e5", Model: "mistral-small-latest", FinishReason: []string{"model_length"}, Usage: metrics.Usage{Input: 16, Output: 34}},
	},
	{
		"cloudflare", "llms/cloudflare/internal/cloudflareclient/model.go; developers.cloudflare.com/workers-ai", typeJSON,
		`{"result":{"response":"Hi","usage":{"prompt_tokens":26,"completion_tokens":11,"total_tokens":37}},"success":true,"errors":[],"messages":[]}`,
		Response{Usage: metrics.Usage{Input: 26, Output: 11}},
	},
	{
		"cloudflare stream", "the same: StreamingResponse", typeEvents,
		`data: {"response":"Hi","p":"abc"}

data: {"response":"","usage":{"prompt_tokens":26,"completion_tokens":11,"total_tokens":37}}

data: [DONE]

`,
		Response{Usage: metrics.Usage{Input: 26, Output: 11}},
	},
	{
		"llamafile stream", "llms/llamafile/internal/llamafileclient/types.go: ChatResponse; tokens_cached is not what was saved", typeEvents,
		`data: {"content":"Hi","multimodal":false,"slot_id":0,"stop":false}

data: {"content":"","generation_settings":{"model":"no","stop":[]},"model":"llava-v1.5-7b-Q4_K.gguf","prompt":"x","slot_id":0,"stop":true,"stopped_eos":true,"stopped_limit":false,"stopped_word":false,"stopping_word":"","timings":{"predicted_n":9,"prompt_n":45},"tokens_cached":53,"tokens_evaluated":45,"tokens_predicted":9,"truncated":false}

`,
		Response{Model: "llava-v1.5-7b-Q4_K.gguf", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 45, Output: 9}},
	},
	{
		"llama.cpp stream", "github.com/ggml-org/llama.cpp, tools/server: as llamafile, with one key for what stopped it", typeEvents,
		`data: {"content":"Hi","stop":false,"stop_type":"none","tokens_predicted":1,"tokens_evaluated":45}

data: {"content":"","stop":true,"stop_type":"limit","model":"m.gguf","tokens_predicted":9,"tokens_evaluated":45,"tokens_cached":53}

`,
		Response{Model: "m.gguf", FinishReason: []string{"limit"}, Usage: metrics.Usage{Input: 45, Output: 9}},
	},
	{
		"ernie stream", "llms/ernie/internal/ernieclient/ernieclient.go: Completion", typeEvents,
		`data: {"id":"as-1","object":"chat.completion","created":1680166793,"sentence_id":0,"is_end":false,"is_truncated":false,"result":"a","usage":{"prompt_tokens":7,"completion_tokens":0,"total_tokens":7}}

data: {"id":"as-1","object":"chat.completion","created":1680166793,"sentence_id":1,"is_end":true,"is_truncated":false,"result":"b","usage":{"prompt_tokens":7,"completion_tokens":67,"total_tokens":74}}

`,
		Response{ID: "as-1", Usage: metrics.Usage{Input: 7, Output: 67}},
	},
	{
		"hugging face", "huggingface.co/docs/text-generation-inference: details=true; llms/huggingface reads generated_text only", typeJSON,
		`[{"generated_text":"Hi","details":{"finish_reason":"eos_token","generated_tokens":20,"seed":null,"prefill":[],"tokens":[{"id":1,"text":"H"}]}}]`,
		Response{FinishReason: []string{"eos_token"}, Usage: metrics.Usage{Output: 20}},
	},
	{
		"hugging face stream", "the same: no space after the colon", typeEvents,
		`data:{"index":1,"token":{"id":264,"text":" a"},"generated_text":null,"details":null}

data:{"index":2,"token":{"id":2,"text":"</s>"},"generated_text":"a","details":{"finish_reason":"length","generated_tokens":20,"seed":null,"input_length":4}}

`,
		Response{FinishReason: []string{"length"}, Usage: metrics.Usage{Input: 4, Output: 20}},
	},
	{
		"maritaca", "llms/maritaca/internal/maritacaclient/types.go: ChatResponse", typeJSON,
		`{"answer":"Oi","model":"sabia-2-medium","usage":{"completion_tokens":9,"prompt_tokens":12,"total_tokens":21}}`,
		Response{Model: "sabia-2-medium", Usage: metrics.Usage{Input: 12, Output: 9}},
	},
	{
		"maritaca stream", "llms/maritaca/internal/maritacaclient/maritacaclient.go: Generate", typeEvents,
		`event: message
data: {"text": "Oi"}

event: end
data: {"model": "sabia-2-medium", "usage": {"completion_tokens":9,"prompt_tokens":12,"total_tokens":21}}

`,
		Response{Model: "sabia-2-medium", Usage: metrics.Usage{Input: 12, Output: 9}},
	},
	{
		"titan", "llms/bedrock/internal/bedrockclient/provider_amazon.go: output is counted per result", typeJSON,
		`{"inputTextTokenCount":13,"results":[{"tokenCount":32,"outputText":"a","completionReason":"FINISH"},{"tokenCount":10,"outputText":"b","completionReason":"LENGTH"}]}`,
		Response{FinishReason: []string{"FINISH", "LENGTH"}, Usage: metrics.Usage{Input: 13, Output: 42}},
	},
	{
		"titan embeddings", "docs.aws.amazon.com/bedrock: titan-embed-text", typeJSON,
		`{"embedding":[0.1,0.2],"inputTextTokenCount":5}`,
		Response{Usage: metrics.Usage{Input: 5}},
	},
	{
		"nova", "llms/bedrock/internal/bedrockclient/provider_nova.go; the cache is counted apart", typeJSON,
		`{"output":{"message":{"content":[{"text":"Hi"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":18,"outputTokens":503,"totalTokens":8023,"cacheReadInputTokenCount":7502,"cacheWriteInputTokenCount":0}}`,
		Response{FinishReason: []string{"end_turn"}, Usage: metrics.Usage{Input: 7520, Output: 503, CacheRead: 7502}},
	},
	{
		"meta on bedrock", "llms/bedrock/internal/bedrockclient/provider_meta.go", typeJSON,
		`{"generation":"Hi","prompt_token_count":6,"generation_token_count":20,"stop_reason":"length"}`,
		Response{FinishReason: []string{"length"}, Usage: metrics.Usage{Input: 6, Output: 20}},
	},
	{
		"jurassic", "llms/bedrock/internal/bedrockclient/provider_ai21.go: the id is a number, counts are in headers only", typeJSON,
		`{"id":1234,"prompt":{"text":"x","tokens":[{}]},"completions":[{"data":{"text":"a","tokens":[{},{}]},"finishReason":{"reason":"endoftext"}},{"data":{"text":"b","tokens":[]},"finishReason":{"reason":"length","length":9}}]}`,
		Response{ID: "1234", FinishReason: []string{"endoftext", "length"}},
	},
	{
		"jamba", "docs.ai21.com: as OpenAI", typeJSON,
		`{"id":"j","choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}`,
		Response{ID: "j", FinishReason: []string{"stop"}, Usage: metrics.Usage{Input: 12, Output: 3}},
	},
	{
		"an error", "llms/googleai/testdata/TestGoogleAIErrorHandling.httprr", typeJSON,
		`{"error": {"code": 403, "message": "Method doesn't allow unregistered callers.", "status": "PERMISSION_DENIED"}}`,
		Response{ErrorCode: "PERMISSION_DENIED", Failure: "403"},
	},
	{
		"an error with a code", "platform.openai.com, error codes", typeJSON,
		`{"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}}`,
		Response{ErrorCode: "insufficient_quota"},
	},
	{
		"an error with a type", "docs.anthropic.com, errors", typeJSON,
		`{"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}}`,
		Response{ErrorCode: "rate_limit_error"},
	},
	{
		"an error whose code is a sentence", "", typeJSON,
		`{"error": {"code": "my card is 4111", "type": "invalid_request_error"}}`,
		Response{ErrorCode: "invalid_request_error"},
	},
}
