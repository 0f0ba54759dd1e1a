// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"strings"
	"unicode/utf8"
)

// wildcards returns the number of wildcards; a plain name has none.
func wildcards(pattern string) int {
	return strings.Count(pattern, "*") + strings.Count(pattern, "?")
}

// match reports whether the pattern matches all of name: * matches any text, ? any
// one character. Unlike path.Match, * matches the slash of "meta-llama/llama-3".
// It takes at most len(pattern)*len(name) steps, since a program's users may choose
// the name.
func match(pattern, name string) bool {
	var p, n, star, retry int
	star = -1
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, n
			p++
		case p < len(pattern) && pattern[p] == '?':
			_, size := utf8.DecodeRuneInString(name[n:])
			p, n = p+1, n+size
		case p < len(pattern) && pattern[p] == name[n]:
			p, n = p+1, n+1
		case star >= 0:
			// Retry with one more character for the last star. Earlier stars need no retry.
			_, size := utf8.DecodeRuneInString(name[retry:])
			retry += size
			p, n = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
