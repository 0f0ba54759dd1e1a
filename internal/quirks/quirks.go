// SPDX-License-Identifier: Apache-2.0

// Package quirks has oddities of providers that show both in what langchaingo's
// clients return and on the wire.
package quirks

// MaxTokens is more than any model can take, and little enough that sums and
// costs of counts up to it cannot overflow.
const MaxTokens = 1 << 29

// OutputTokens returns the output tokens with those of reasoning, given the
// counts as the server has them, 0 where unknown. OpenAI counts reasoning in; xAI
// leaves it out of completion_tokens, which the total gives away.
func OutputTokens(in, out, reasoning, total int) int {
	if reasoning > 0 && total == in+out+reasoning {
		return out + reasoning
	}
	return out
}

// geminiReasons is the enum Candidate.FinishReason of the Gemini API, of which
// Google's Go SDK asks for the numbers and knows the first five.
var geminiReasons = [...]string{
	1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER", 6: "LANGUAGE", 7: "BLOCKLIST", 8: "PROHIBITED_CONTENT", 9: "SPII",
	10: "MALFORMED_FUNCTION_CALL", 11: "IMAGE_SAFETY", 12: "UNEXPECTED_TOOL_CALL", 13: "TOO_MANY_TOOL_CALLS",
}

// GeminiReason is the name of a finish reason that the Gemini API gave as a
// number, or "". Vertex AI counts otherwise from 6 on.
func GeminiReason(n int) string {
	if n < 0 || n >= len(geminiReasons) {
		return ""
	}
	return geminiReasons[n]
}
