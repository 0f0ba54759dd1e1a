// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

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
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, match(tt.pattern, tt.name), "%q with %q", tt.pattern, tt.name)
	}
}

func TestMatchIsNotExponential(t *testing.T) {
	// With exponential time this would not return before the test binary's timeout.
	assert.False(t, match(strings.Repeat("a*", 50)+"b", strings.Repeat("a", 10_000)))
}

// FuzzMatch compares with the same pattern as a regular expression.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{{"gpt-4o-????-??-??", "gpt-4o-2024-08-06"}, {"a*b?*", "aabbb"}, {"*م?", "سلام!"}, {"*a*a*", "aaa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(name) || len(pattern) > 100 {
			match(pattern, name)
			return
		}
		expr := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`(?s)\A` + expr + `\z`).MatchString(name)
		if got := match(pattern, name); got != want {
			t.Errorf("match(%q, %q) is %t", pattern, name, got)
		}
	})
}
