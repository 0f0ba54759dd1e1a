// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spanloom/spanloom/internal/genai"
)

const (
	descriptionLimit = 256
	// maxMessage bounds how much of an error's text is looked at, maxSeen how
	// much content it is compared with, in bytes.
	maxMessage = 4096
	maxSeen    = 1 << 20
	// quoteLength is the shortest stretch, in bytes, that counts as quoted by
	// itself; shorter ones only count inside quotation marks or as a whole.
	quoteLength = 10
	maxTexts    = 48
	maxFailures = 16
)

// texts remembers the strings an operation worked on, newest last, so that an
// error's text can be searched for them. Only string headers are kept, and not
// many: the strings themselves belong to the caller, and strings cannot change.
type texts struct {
	list []string
}

func (t *texts) add(v any) {
	t.list = genai.AppendStrings(t.list, v, maxTexts)
	t.trim()
}

func (t *texts) merge(o *texts) {
	t.list = append(t.list, o.list...)
	t.trim()
}

func (t *texts) trim() {
	if n := len(t.list) - maxTexts; n > 0 {
		t.list = append(t.list[:0], t.list[n:]...)
	}
}

// failure is an error of a child: the parent's error usually wraps it, and what
// was taken out below must not come back in above.
type failure struct{ raw, clean string }

func (s *Span) fail(err error, clean string) {
	if len(s.failures) == maxFailures {
		s.failures = append(s.failures[:0], s.failures[1:]...)
	}
	s.failures = append(s.failures, failure{message(err), clean})
}

// message is err.Error() of an error that may be a user's, and may panic.
func message(err error) (msg string) {
	defer func() {
		if recover() != nil {
			msg = withheld
		}
	}()
	msg = err.Error()
	if len(msg) > maxMessage {
		msg = strings.ToValidUTF8(msg[:maxMessage], "")
	}
	return msg
}

// describe makes the status description of an error.
func (s *Span) describe(err error) string {
	msg := message(err)
	for _, f := range s.failures {
		if f.raw != "" {
			msg = strings.ReplaceAll(msg, f.raw, f.clean)
		}
	}
	replace := func(string) string { return withheld }
	if s.policy != nil {
		replace = s.policy.gate(descriptionLimit)
	}
	msg = takeOutQuotes(msg, s.seen.list, replace)
	return cut(strings.ToValidUTF8(Redact(msg), "�"), descriptionLimit)
}

var quoted = regexp.MustCompile("\"[^\"]{2,}\"|'[^']{2,}'|`[^`]{2,}`|“[^”]{2,}”|«[^»]{2,}»")

// takeOutQuotes replaces every stretch of msg that also stands in one of the
// texts.
func takeOutQuotes(msg string, seen []string, replace func(string) string) string {
	if len(seen) == 0 || msg == "" {
		return msg
	}
	hit := make([]bool, len(msg))
	mark := func(from, to int) {
		for i := from; i < to; i++ {
			hit[i] = true
		}
	}
	grams := map[string][]int{}
	for i := 0; i+quoteLength <= len(msg); i++ {
		g := msg[i : i+quoteLength]
		grams[g] = append(grams[g], i)
	}
	inQuotes := quoted.FindAllStringIndex(msg, -1)
	budget := maxSeen
	for i := len(seen) - 1; i >= 0 && budget > 0; i-- {
		text := seen[i]
		if len(text) > budget {
			text = text[:budget]
		}
		budget -= len(text)
		for j := 0; j+quoteLength <= len(text); j++ {
			for _, at := range grams[text[j:j+quoteLength]] {
				mark(at, at+quoteLength)
			}
		}
		for _, q := range inQuotes {
			_, open := utf8.DecodeRuneInString(msg[q[0]:])
			_, closing := utf8.DecodeLastRuneInString(msg[:q[1]])
			if strings.Contains(text, msg[q[0]+open:q[1]-closing]) {
				mark(q[0]+open, q[1]-closing)
			}
		}
		if n := len(text); n >= 3 && n < quoteLength {
			for at := wordIndex(msg, text, 0); at >= 0; at = wordIndex(msg, text, at+n) {
				mark(at, at+n)
			}
		}
	}
	var b strings.Builder
	for i := 0; i < len(msg); {
		if !hit[i] {
			b.WriteByte(msg[i])
			i++
			continue
		}
		j := i
		for j < len(msg) && hit[j] {
			j++
		}
		b.WriteString(replace(strings.ToValidUTF8(msg[i:j], "")))
		i = j
	}
	return b.String()
}

// wordIndex finds text in msg from an offset on, as a word of its own.
func wordIndex(msg, text string, from int) int {
	for from <= len(msg)-len(text) {
		i := strings.Index(msg[from:], text)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(msg[:i])
		after, _ := utf8.DecodeRuneInString(msg[i+len(text):])
		if !wordRune(before) && !wordRune(after) {
			return i
		}
		from = i + 1
	}
	return -1
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf)
}
