// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// redactEmails looks around each "@", also one that is escaped in a URL. Each
// stretch between two of them is read twice at most.
func redactEmails(text string) string {
	if strings.IndexByte(text, '@') < 0 && !strings.Contains(text, "%40") {
		return text
	}
	w := rewriter{text: text}
	last := 0 // the end of the "@" before
	for i := 0; i < len(text); i++ {
		size := 0
		switch {
		case text[i] == '@':
			size = 1
		case text[i] == '%' && strings.HasPrefix(text[i:], "%40"):
			size = 3
		default:
			continue
		}
		from := localPart(text, max(last, w.done), i)
		to := domain(text, i+size)
		if from < i && to > 0 {
			w.replace(from, to, redactedEmail)
		}
		last = i + size
		i = max(last, w.done) - 1
	}
	return w.String()
}

// localPart returns where the name before an "@" at end begins.
func localPart(text string, from, end int) int {
	i := end
	for i > from {
		r, size := utf8.DecodeLastRuneInString(text[from:i])
		if !isNameRune(r) && !strings.ContainsRune("._%+-", r) && !isApostrophe(text, i-size, end) {
			break
		}
		i -= size
	}
	// In the text of a program or of JSON, "\nbob@…" begins with a line break.
	if i < end && escapedLetter(text, i) {
		i++
	}
	return i
}

// isApostrophe tells the one of o'brien from a quotation mark.
func isApostrophe(text string, i, end int) bool {
	if text[i] != '\'' || i+1 >= end {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+1:])
	return unicode.IsLetter(before) && unicode.IsLetter(after)
}

// domain returns the end of the domain that begins at i, 0 if there is none. Its
// last label begins with a letter and has two at least: "lodash@4.17.21" and
// "Foo@1.x" are versions.
func domain(text string, i int) (end int) {
	label, dots := i, 0
	letterFirst, runes := false, 0
	for {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case size > 0 && (isNameRune(r) || r == '-'):
			if runes == 0 {
				letterFirst = unicode.IsLetter(r)
			}
			runes++
			i += size
			continue
		case i == label:
			return end
		}
		if dots > 0 && letterFirst && runes >= 2 {
			end = i
		}
		if r != '.' {
			return end
		}
		dots++
		i++
		label, runes = i, 0
	}
}

func isNameRune(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiAlnum(byte(r))
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.Is(unicode.Nd, r) || unicode.IsMark(r))
}

func asciiAlnum(c byte) bool { return '0' <= c && c <= '9' || asciiLetter(c) }

func asciiLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// escapedLetter reports whether the letter at i is that of an escape such as
// "\n", and so belongs to no word.
func escapedLetter(text string, i int) bool {
	return i > 0 && text[i-1] == '\\' && strings.IndexByte("nrtbf", text[i]) >= 0
}

// wordBefore reports whether the character before i is of the same word, for
// words of ASCII letters: other scripts write numbers and keys without a space
// before them.
func wordBefore(text string, i int) bool {
	if i == 0 {
		return false
	}
	c := text[i-1]
	if c != '_' && !asciiLetter(c) {
		return false
	}
	return !escapedLetter(text, i-1) && (i < 3 || text[i-3] != '%')
}
