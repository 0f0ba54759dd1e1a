// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"gpt-4o", "gpt-4o", true},
		{"gpt-4o", "gpt-4o-mini", false},
		{"gpt-4o*", "gpt-4o", true},
		{"gpt-4o*", "gpt-4o-mini", true},
		{"*mini", "gpt-4o-mini", true},
		{"*mini", "mini-gpt", false},
		{"gpt-*-mini", "gpt-4o-mini", true},
		{"*llama*", "meta-llama/Llama-3", true},
		{"meta/*", "meta/llama/3", true},
		{"gpt-4o-????-??-??", "gpt-4o-2024-08-06", true},
		{"gpt-4o-????-??-??", "gpt-4o-mini-2024-07-18", false},
		{"?", "م", true},
		{"?", "", false},
		{"*", "", true},
		{"**", "x", true},
		{"", "", true},
		{"", "x", false},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"[a-z]", "a", false},
		{"a.c", "abc", false},
		{"a*c", "a\nc", true},
		{"\xff*", "\xff1", true},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, newPattern(tt.pattern, nil).expr.MatchString(tt.name), "%q with %q", tt.pattern, tt.name)
	}
}

func TestMatchIsNotExponential(t *testing.T) {
	// With exponential time this would not return before the test binary's timeout.
	assert.False(t, newPattern(strings.Repeat("a*", 50)+"b", nil).expr.MatchString(strings.Repeat("a", 10_000)))
}
