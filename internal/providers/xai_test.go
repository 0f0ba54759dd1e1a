// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOutputTokens(t *testing.T) {
	for _, tc := range []struct {
		reason                          string
		in, out, reasoning, total, want int
	}{
		{"OpenAI counts reasoning in", 75, 1186, 1024, 1261, 1186},
		{"xAI leaves it out", 32, 9, 94, 135, 103},
		{"without a total nothing is known", 32, 9, 94, 0, 9},
		{"a total that tells neither", 32, 9, 94, 50, 9},
		{"no reasoning", 5, 7, 0, 12, 7},
	} {
		assert.Equal(t, tc.want, OutputTokens(tc.in, tc.out, tc.reasoning, tc.total), tc.reason)
	}
}
