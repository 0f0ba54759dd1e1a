// SPDX-License-Identifier: Apache-2.0

package wire

import "strings"

// fact is what a JSON value tells by the place it stands in.
type fact uint8

const (
	factNone      fact = iota
	factID             // of the response
	factModel          // that answered
	factReason         // why a choice ended
	factIndex          // of the choice an object is about
	factEnded          // true in the last value of a stream, false in the others
	factEvent          // the name of an event, see lastEvents
	factEmbedding      // there is one, whatever it is
	factErrorCode      // the provider's name for what went wrong

	// Counts of tokens.
	factInput      // cached ones included
	factUncached   // input without factCacheRead and factCacheWrite
	factToolInput  // input besides factInput
	factCached     // a part of the input
	factCacheRead  // input besides factUncached
	factCacheWrite // the same
	factOutput     // reasoning included
	factOutputPart // of one of several results
	factReasoning  // a part of the output
	factThoughts   // output besides factOutput
	factTotal
	numFacts
)

type entry struct {
	path string
	fact fact
	// A weak entry gives way to another one for the same fact. Where two are
	// equal, the value that comes later wins.
	weak bool
	// says is the reason a truth means.
	says string
}

const weak = true

// entries is every place outside of a usage object. Servers that share a shape
// share its entries: none is tied to a provider, and two meanings of one path
// are told apart by giving their companions different facts (see factUncached).
var entries = []entry{
	{path: "id", fact: factID},
	{path: "message.id", fact: factID},    // Anthropic's message_start
	{path: "response.id", fact: factID},   // OpenAI's events of Responses
	{path: "responseId", fact: factID},    // Google
	{path: "generation_id", fact: factID}, // Cohere's chat v1, and the end of its stream
	{path: "response.generation_id", fact: factID},
	{path: "response_id", fact: factID, weak: weak}, // Cohere gives both; Google, in proto's names, only this

	{path: "model", fact: factModel},
	{path: "message.model", fact: factModel},
	{path: "response.model", fact: factModel},
	{path: "modelVersion", fact: factModel},
	{path: "model_version", fact: factModel},

	{path: "choices[].finish_reason", fact: factReason},
	{path: "choices[].index", fact: factIndex},
	{path: "candidates[].finishReason", fact: factReason},
	{path: "candidates[].finish_reason", fact: factReason},
	{path: "candidates[].index", fact: factIndex},
	{path: "generations[].finish_reason", fact: factReason}, // Cohere's generate
	{path: "generations[].index", fact: factIndex},
	{path: "results[].completionReason", fact: factReason},         // Titan
	{path: "completions[].finishReason.reason", fact: factReason},  // AI21's Jurassic
	{path: "stop_reason", fact: factReason},                        // Anthropic, Meta on Bedrock
	{path: "delta.stop_reason", fact: factReason},                  // Anthropic's message_delta
	{path: "stopReason", fact: factReason},                         // Nova
	{path: "finish_reason", fact: factReason},                      // Cohere's chat
	{path: "delta.finish_reason", fact: factReason},                // Cohere's message-end
	{path: "response.finish_reason", fact: factReason},             // Cohere's stream-end
	{path: "details.finish_reason", fact: factReason},              // Hugging Face
	{path: "done_reason", fact: factReason},                        // Ollama
	{path: "incomplete_details.reason", fact: factReason},          // OpenAI's Responses
	{path: "response.incomplete_details.reason", fact: factReason}, // the same in an event
	{path: "stop_type", fact: factReason},                          // llama.cpp
	{path: "stopped_eos", fact: factReason, says: "stop"},          // llamafile and older ones, in the words
	{path: "stopped_word", fact: factReason, says: "stop"},         // llama.cpp itself has where it talks like OpenAI
	{path: "stopped_limit", fact: factReason, says: "length"},

	{path: "done", fact: factEnded},        // Ollama
	{path: "stop", fact: factEnded},        // llama.cpp
	{path: "is_end", fact: factEnded},      // Ernie
	{path: "is_finished", fact: factEnded}, // Cohere
	{path: "type", fact: factEvent},
	{path: "event_type", fact: factEvent},

	{path: "data[].embedding", fact: factEmbedding},

	{path: "error.code", fact: factErrorCode},               // OpenAI; a number at Google and OpenRouter
	{path: "error.status", fact: factErrorCode, weak: weak}, // Google
	{path: "error.type", fact: factErrorCode, weak: weak},   // Anthropic, and OpenAI without a code
	{path: "error_type", fact: factErrorCode, weak: weak},   // Hugging Face
	{path: "__type", fact: factErrorCode, weak: weak},       // AWS
	{path: "response.error.code", fact: factErrorCode},      // OpenAI's Responses

	{path: "prompt_eval_count", fact: factInput}, // Ollama
	{path: "eval_count", fact: factOutput},
	{path: "tokens_evaluated", fact: factInput}, // llama.cpp
	{path: "tokens_predicted", fact: factOutput},
	{path: "details.input_length", fact: factInput}, // Hugging Face
	{path: "details.generated_tokens", fact: factOutput},
	{path: "inputTextTokenCount", fact: factInput}, // Titan
	{path: "results[].tokenCount", fact: factOutputPart},
	{path: "prompt_token_count", fact: factInput}, // Meta on Bedrock
	{path: "generation_token_count", fact: factOutput},

	{path: "usageMetadata.promptTokenCount", fact: factInput}, // Google
	{path: "usageMetadata.toolUsePromptTokenCount", fact: factToolInput},
	{path: "usageMetadata.cachedContentTokenCount", fact: factCached},
	{path: "usageMetadata.candidatesTokenCount", fact: factOutput},
	{path: "usageMetadata.thoughtsTokenCount", fact: factThoughts},
	{path: "usage_metadata.prompt_token_count", fact: factInput},
	{path: "usage_metadata.tool_use_prompt_token_count", fact: factToolInput},
	{path: "usage_metadata.cached_content_token_count", fact: factCached},
	{path: "usage_metadata.candidates_token_count", fact: factOutput},
	{path: "usage_metadata.thoughts_token_count", fact: factThoughts},
}

// usages is where the servers with a usage object keep it.
var usages = []string{
	"usage",
	"message.usage",   // Anthropic's message_start
	"response.usage",  // OpenAI's events of Responses
	"result.usage",    // Cloudflare
	"choices[].usage", // Moonshot's streams
	"x_groq.usage",    // Groq's streams
	"delta.usage",     // Cohere's message-end
	"meta",            // Cohere's v1
	"response.meta",   // Cohere's stream-end
}

// usage is what a usage object holds.
var usage = []entry{
	{path: "prompt_tokens", fact: factInput}, // OpenAI and all who follow it
	{path: "completion_tokens", fact: factOutput},
	{path: "total_tokens", fact: factTotal},
	{path: "prompt_tokens_details.cached_tokens", fact: factCached},
	{path: "completion_tokens_details.reasoning_tokens", fact: factReasoning},
	{path: "prompt_cache_hit_tokens", fact: factCached}, // DeepSeek
	{path: "cached_tokens", fact: factCached},           // Moonshot, Cohere v2

	{path: "input_tokens", fact: factUncached}, // Anthropic
	{path: "output_tokens", fact: factOutput},
	{path: "cache_read_input_tokens", fact: factCacheRead},
	{path: "cache_creation_input_tokens", fact: factCacheWrite},
	{path: "input_tokens_details.cached_tokens", fact: factCached}, // OpenAI's Responses
	{path: "output_tokens_details.reasoning_tokens", fact: factReasoning},

	{path: "inputTokens", fact: factUncached}, // Nova; of the other names both are in use
	{path: "outputTokens", fact: factOutput},
	{path: "cacheReadInputTokenCount", fact: factCacheRead},
	{path: "cacheReadInputTokens", fact: factCacheRead},
	{path: "cacheWriteInputTokenCount", fact: factCacheWrite},
	{path: "cacheWriteInputTokens", fact: factCacheWrite},

	{path: "billed_units.input_tokens", fact: factInput}, // Cohere: the convention wants what is billed
	{path: "billed_units.output_tokens", fact: factOutput},
	{path: "tokens.input_tokens", fact: factInput, weak: weak},
	{path: "tokens.output_tokens", fact: factOutput, weak: weak},
}

// lastEvents are the events after which a stream has nothing more to say.
var lastEvents = map[string]bool{
	"message_stop":        true, // Anthropic
	"response.completed":  true, // OpenAI's Responses
	"response.incomplete": true,
	"response.failed":     true,
	"message-end":         true, // Cohere
	"stream-end":          true,
}

// node is a place in a JSON value that leads to facts or is one.
type node struct {
	keys   map[string]*node // of an object
	elem   *node            // of an array, whatever the index
	fact   fact
	weak   bool
	says   string
	choice bool // one of several answers
}

// maxDepth is the number of containers around the deepest fact.
const maxDepth = 8

// root is where a response begins, rootList where several do.
var (
	root     = compile()
	rootList = &node{elem: root}
)

func compile() *node {
	n := &node{}
	for _, e := range entries {
		n.add(e)
	}
	for _, at := range usages {
		for _, e := range usage {
			e.path = at + "." + e.path
			n.add(e)
		}
	}
	return n
}

func (n *node) add(e entry) {
	var choice *node
	for key := range strings.SplitSeq(e.path, ".") {
		key, list := strings.CutSuffix(key, "[]")
		n = n.child(key)
		if list {
			if n.elem == nil {
				n.elem = &node{}
			}
			n = n.elem
			choice = n
		}
	}
	n.fact, n.weak, n.says = e.fact, e.weak, e.says
	if choice != nil && e.fact == factReason {
		choice.choice = true
	}
}

func (n *node) child(key string) *node {
	if n.keys == nil {
		n.keys = make(map[string]*node)
	}
	c := n.keys[key]
	if c == nil {
		c = &node{}
		n.keys[key] = c
	}
	return c
}
