// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"strings"

	"github.com/tmc/langchaingo/llms"
)

// finishReasons maps the providers' spellings to the convention's.
var finishReasons = map[string]string{
	"stop": "stop", "end_turn": "stop", "stop_sequence": "stop", "complete": "stop", "eos_token": "stop",
	"finish": "stop", "endoftext": "stop",
	"length": "length", "max_tokens": "length", "maxtokens": "length", "model_length": "length",
	"tool_calls": "tool_call", "tool_use": "tool_call", "tool_call": "tool_call", "function_call": "tool_call",
	"content_filter": "content_filter", "content_filtered": "content_filter", "safety": "content_filter",
	"refusal": "content_filter", "recitation": "content_filter", "error_toxic": "content_filter",
	"error": "error",
}

// FinishReason normalises a stop reason; an unknown one passes through in lower
// case, and "" stays "".
func FinishReason(stop string) string {
	if r, ok := finishReasons[stop]; ok {
		return r
	}
	// Google's Go enum prints as FinishReasonStop.
	s := strings.ToLower(strings.TrimPrefix(stop, "FinishReason"))
	if s == "unspecified" {
		return ""
	}
	if r, ok := finishReasons[s]; ok {
		return r
	}
	return s
}

// FinishReasons returns one reason per choice that has one.
func FinishReasons(res *llms.ContentResponse) []string {
	if res == nil {
		return nil
	}
	var out []string
	for _, c := range res.Choices {
		if c == nil {
			continue
		}
		if r := FinishReason(c.StopReason); r != "" {
			out = append(out, r)
		}
	}
	return out
}
