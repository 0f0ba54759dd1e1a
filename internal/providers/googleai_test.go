// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGeminiReason(t *testing.T) {
	for n, want := range map[int]string{-1: "", 0: "", 1: "STOP", 8: "PROHIBITED_CONTENT", 13: "TOO_MANY_TOOL_CALLS", 99: ""} {
		assert.Equal(t, want, GeminiReason(n), n)
	}
}
