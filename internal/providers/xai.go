// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{Name: "x_ai", Hosts: []string{"api.x.ai"}})

// OutputTokens returns the output tokens with those of reasoning, given a
// response's counts, 0 where unknown. OpenAI counts reasoning in; xAI leaves it
// out of completion_tokens, which the total shows.
func OutputTokens(in, out, reasoning, total int) int {
	if reasoning > 0 && total == in+out+reasoning {
		return out + reasoning
	}
	return out
}
