// SPDX-License-Identifier: Apache-2.0

// Package content renders what langchaingo programs pass around as the text of
// content attributes: JSON in the registry's schemas, each text in it decided by a
// privacy.Policy, the whole of it bounded. Binary data is described, never
// inlined. Nothing here fails or panics, whatever the values of a program do.
package content

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/spanloom/spanloom/privacy"
)

const (
	ellipsis = "…"
	// withheld stands for a text that a policy panicked on.
	withheld = "[withheld]"
	// lookAhead is how many runes beyond the limit a policy sees: enough to
	// know a card number or a key that the limit cuts in two.
	lookAhead = 512
	// reserve is kept for the marks that say what was cut.
	reserve = 512
)

// Limits bound one content attribute.
type Limits struct {
	// Runes bounds each text in it; 0 means no limit.
	Runes int
	// Bytes bounds the attribute as a whole.
	Bytes int
}

// Gate is what each text passes on its way into one attribute: the policy and
// the limits. It is for one goroutine and one attribute.
type Gate struct {
	policy privacy.Policy
	runes  int
	// left is how many bytes the attribute may still grow by.
	left int
}

// NewGate returns the gate of one attribute.
func NewGate(policy privacy.Policy, limits Limits) *Gate {
	return &Gate{policy: policy, runes: limits.Runes, left: limits.Bytes - reserve}
}

// spend takes bytes for what is written around texts: quotation marks, braces, keys.
func (g *Gate) spend(n int) { g.left -= n }

// isFull reports whether the attribute must not grow any more.
func (g *Gate) isFull() bool { return g.left <= 0 }

// text returns what becomes of a text under a name. Limits go first: the policy
// sees what is kept and lookAhead runes more. The result is valid UTF-8.
func (g *Gate) text(name, s string) string {
	if g.isFull() {
		return ellipsis
	}
	limit := g.runes
	if limit <= 0 || limit > g.left {
		limit = g.left
	}
	out := Apply(g.policy, name, s, limit)
	n := encodedLen(out)
	if n > g.left {
		out = cutEncoded(out, g.left-len(ellipsis))
		n = g.left
	}
	g.spend(n + 3) // quotation marks and a comma
	return out
}

// Apply returns what policy makes of a text, limit runes of it at most, the
// ellipsis included. Of a long text the policy sees little more than the limit,
// unless it must read all. Binary data in the text is described.
func Apply(policy privacy.Policy, name, s string, limit int) (out string) {
	defer func() {
		if recover() != nil {
			out = withheld
		}
	}()
	// One invalid byte makes protobuf refuse the whole batch of spans.
	if policy.ReadsAll() {
		all, _ := describeData(s, len(s)+1)
		return Cut(valid(policy(name, all)), limit)
	}
	seen, more := describeData(s, limit+lookAhead)
	seen = valid(seen)
	if out = policy(name, seen); out != seen {
		out = valid(out)
	}
	if !more {
		return Cut(out, limit)
	}
	// A secret that was cut in two is no longer known as one: the end that the
	// policy left as it was is dropped.
	out = out[:len(out)-commonSuffix(seen, out, lookAhead)]
	end, _ := runePrefix(out, limit-1)
	return out[:end] + ellipsis
}

// valid makes valid UTF-8 of s. Nearly every text is, and that is quickly seen.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// commonSuffix returns the length in bytes of the longest common end of a and
// b, of at most so many runes.
func commonSuffix(a, b string, runes int) int {
	n := 0
	for ; runes > 0 && n < len(a) && n < len(b); runes-- {
		r, size := utf8.DecodeLastRuneInString(a[:len(a)-n])
		if q, _ := utf8.DecodeLastRuneInString(b[:len(b)-n]); q != r {
			break
		}
		n += size
	}
	return n
}

// Cut shortens s to limit runes, the ellipsis included; 0 means no limit.
func Cut(s string, limit int) string {
	if limit <= 0 || len(s) <= limit {
		return s
	}
	if end, more := runePrefix(s, limit); more {
		_, last := utf8.DecodeLastRuneInString(s[:end])
		return s[:end-last] + ellipsis
	}
	return s
}

// runePrefix returns the length in bytes of the first runes of s, and whether
// there are more.
func runePrefix(s string, runes int) (end int, more bool) {
	if len(s) <= runes {
		return len(s), false
	}
	for i := range s {
		if runes == 0 {
			return i, true
		}
		runes--
	}
	return len(s), false
}

// encodedLen is the length of s in JSON, without the quotation marks.
func encodedLen(s string) int {
	n := len(s)
	for i := range len(s) {
		n += int(escapeLen[s[i]])
	}
	if strings.Contains(s, "\xe2\x80") { // U+2028 and U+2029 are escaped
		n += 3 * (strings.Count(s, "\u2028") + strings.Count(s, "\u2029"))
	}
	return n
}

// escapeLen is how many bytes more JSON needs for a byte.
var escapeLen = func() (t [256]uint8) {
	for c := range ' ' {
		t[c] = 5
	}
	for _, c := range []byte("\"\\\n\r\t") {
		t[c] = 1
	}
	return t
}()

// cutEncoded shortens s so that it takes limit bytes in JSON, and the ellipsis.
func cutEncoded(s string, limit int) string {
	end := sort.Search(len(s), func(i int) bool { return encodedLen(s[:i+1]) > limit })
	for end > 0 && end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
