// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// ReadResponse appends the finish reasons of a response, and its model and id where
// a client passes them on. It returns the token counts.
func ReadResponse(kv []attribute.KeyValue, res *llms.ContentResponse) ([]attribute.KeyValue, metrics.Usage) {
	if reasons := FinishReasons(res); reasons.Valid() {
		kv = append(kv, reasons)
	}
	var info generationInfo
	info.read(res)
	if info.model != "" {
		kv = semconv.AppendString(kv, semconv.ResponseModel, info.model)
	}
	if info.id != "" {
		kv = semconv.AppendString(kv, semconv.ResponseID, info.id)
	}
	return kv, info.usage
}

// FinishReason returns a stop reason in the convention's spelling, and "" for
// none. An unknown one is cleaned as a name, or is in lower case.
func FinishReason(stop string) string {
	if r, ok := providers.Known.FinishReasons[stop]; ok {
		return r
	}
	// Google's Go enum prints as FinishReasonStop, and as FinishReason(8) where it
	// is newer than the SDK. Those numbers are the Gemini API's: the SDK of Vertex AI
	// has names for all.
	s, isEnum := strings.CutPrefix(stop, "FinishReason")
	if n, err := strconv.Atoi(strings.Trim(s, "()")); err == nil && isEnum {
		s = providers.GeminiReason(n)
	}
	lower := strings.ToLower(s)
	if r, ok := providers.Known.FinishReasons[lower]; ok {
		return r
	}
	// Keys are known by their capitals, too.
	if clean := privacy.CleanName(s); clean != s {
		return clean
	}
	return lower
}

// oneReason has the attributes for one choice by spelling. Making one takes two
// allocations, for its slice.
var oneReason = func() map[string]attribute.KeyValue {
	m := map[string]attribute.KeyValue{}
	for spelling, reason := range providers.Known.FinishReasons {
		m[spelling] = FinishReasonsOf([]string{reason})
	}
	return m
}()

// FinishReasons is the attribute with the reason of each message that has one. It
// is not valid if none has.
func FinishReasons(res *llms.ContentResponse) attribute.KeyValue {
	if res == nil {
		return attribute.KeyValue{}
	}
	messages := res.Choices
	if AreBlocks(res) {
		messages = messages[:1]
	}
	if len(messages) == 1 && messages[0] != nil {
		if r, ok := oneReason[messages[0].StopReason]; ok {
			return r
		}
	}
	reasons := make([]string, 0, len(messages))
	for _, c := range messages {
		if c != nil {
			reasons = append(reasons, c.StopReason)
		}
	}
	return FinishReasonsOf(reasons)
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

// AreBlocks reports whether the choices are the content blocks of one message, as
// the clients of Anthropic and of Bedrock's Nova return them.
func AreBlocks(res *llms.ContentResponse) bool {
	if len(res.Choices) < 2 || res.Choices[0] == nil {
		return false
	}
	first := res.Choices[0]
	for _, c := range res.Choices {
		if c == nil || c.StopReason != first.StopReason || !providers.IsContentBlock(first.GenerationInfo, c.GenerationInfo) {
			return false
		}
	}
	return true
}
