// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/quirks"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// finishReasons maps the providers' spellings to the convention's. Those in snake
// case are known without the underscores, too: Google's Go enums have none.
var finishReasons = func() map[string]string {
	m := map[string]string{}
	for reason, spellings := range map[string][]string{
		"stop": {
			"stop", "end_turn", "stop_sequence", "complete", "eos_token", "finish", "finished", "endoftext", "eos", "word", "stop_criteria_met",
		},
		"length": {
			"length", "limit", "max_output_tokens", "max_tokens", "model_length", "model_context_window_exceeded", "error_limit", "stop_limit",
		},
		"tool_call": {"tool_calls", "tool_use", "tool_call", "function_call"},
		"content_filter": {
			"content_filter", "content_filtered", "safety", "refusal", "recitation", "error_toxic", "prohibited_content", "blocklist", "spii",
			"image_safety", "guardrail_intervened",
		},
		"error": {"error", "malformed_function_call", "unexpected_tool_call", "too_many_tool_calls"},
	} {
		for _, s := range spellings {
			m[s], m[strings.ReplaceAll(s, "_", "")] = reason, reason
		}
	}
	return m
}()

// FinishReason normalises a stop reason; an unknown one passes through in lower
// case, and "" stays "".
func FinishReason(stop string) string {
	if r, ok := finishReasons[stop]; ok {
		return r
	}
	// Google's Go enum prints as FinishReasonStop, and as FinishReason(8) what is
	// newer than the SDK. That is the Gemini API's number: the SDK of Vertex AI,
	// which has others, knows more names.
	s, isGoogles := strings.CutPrefix(stop, "FinishReason")
	if n, err := strconv.Atoi(strings.Trim(s, "()")); err == nil && isGoogles {
		s = quirks.GeminiReason(n)
	}
	s = strings.ToLower(s)
	if s == "unspecified" {
		return ""
	}
	if r, ok := finishReasons[s]; ok {
		return r
	}
	return privacy.CleanName(s) // a server may say anything
}

// single are the reasons of one choice as attributes, by spelling, made in
// advance: a slice in an attribute takes two allocations.
var single = func() map[string]*attribute.KeyValue {
	m := map[string]*attribute.KeyValue{}
	for spelling, r := range finishReasons {
		kv := semconv.ResponseFinishReasons.StringSlice([]string{r})
		m[spelling] = &kv
	}
	return m
}()

// FinishReasons is the attribute with one reason per message that has one; not
// valid if none has.
func FinishReasons(res *llms.ContentResponse) attribute.KeyValue {
	var one [1]attribute.KeyValue
	appendReasons(one[:0], res)
	return one[0]
}

// appendReasons appends FinishReasons, if it is valid.
func appendReasons(kv []attribute.KeyValue, res *llms.ContentResponse) []attribute.KeyValue {
	ms := messagesOf(res)
	if len(ms) == 1 && ms[0] != nil {
		if r := single[ms[0].StopReason]; r != nil {
			return append(kv, *r)
		}
		if r := single[FinishReason(ms[0].StopReason)]; r != nil {
			return append(kv, *r)
		}
	}
	reasons := make([]string, 0, len(ms))
	for _, c := range ms {
		if c != nil {
			reasons = append(reasons, c.StopReason)
		}
	}
	if r := FinishReasonsOf(reasons); r.Valid() {
		kv = append(kv, r)
	}
	return kv
}

// maxReasons is how many answers of one call have their reason on the span.
const maxReasons = 16

// FinishReasonsOf is the attribute for reasons as providers spell them.
func FinishReasonsOf(reasons []string) attribute.KeyValue {
	out := make([]string, 0, min(len(reasons), maxReasons))
	for _, r := range reasons[:min(len(reasons), maxReasons)] {
		if r = FinishReason(r); r != "" {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return attribute.KeyValue{}
	}
	return semconv.ResponseFinishReasons.StringSlice(out)
}

// messagesOf returns the choices that are messages of their own: the clients of
// Anthropic and of Bedrock's Nova make a choice of each content block of the one
// message, and repeat usage and stop reason in all of them.
func messagesOf(res *llms.ContentResponse) []*llms.ContentChoice {
	if res == nil {
		return nil
	}
	if AreBlocks(res) {
		return res.Choices[:1]
	}
	return res.Choices
}

// AreBlocks reports whether the choices are the content blocks of one message, as
// of Anthropic and of Bedrock's Nova.
func AreBlocks(res *llms.ContentResponse) bool {
	if len(res.Choices) < 2 {
		return false
	}
	for _, c := range res.Choices {
		if c == nil || !isAnthropic(c.GenerationInfo) && !repeatsNova(res.Choices[0], c) {
			return false
		}
	}
	return true
}

// repeatsNova knows Nova's blocks by what Titan's results, which have the same
// keys, do not share: the number of output tokens.
func repeatsNova(first, c *llms.ContentChoice) bool {
	if first == nil || len(c.GenerationInfo) != 2 || first.StopReason != c.StopReason {
		return false
	}
	for _, k := range []string{"input_tokens", "output_tokens"} {
		n, ok := c.GenerationInfo[k].(int)
		if m, same := first.GenerationInfo[k].(int); !ok || !same || n != m {
			return false
		}
	}
	return true
}

// isAnthropic knows Anthropic's client by its spelling, which no other has.
func isAnthropic(info map[string]any) bool {
	_, ok := info["InputTokens"]
	return ok
}
