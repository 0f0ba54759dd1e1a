// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// emails looks around each "@". Each stretch between two of them is read twice
// at most.
func emails(w *rewriter) {
	text := w.text
	last := 0 // the end of the "@" before
	for {
		n := strings.IndexByte(text[last:], '@')
		looked(n + 1)
		if n < 0 {
			return
		}
		at := last + n
		from, to := localPart(text, last, at), domain(text, at+1)
		last = at + 1
		if from < at && to > 0 && text[from:at] != "git" && !path.MatchString(upTo(text, to+randomWindow)[to:]) && !isVersion(text[at+1:to]) {
			w.replace(from, to, redactedEmail)
			last = to
		}
	}
}

// path is what follows the place of a repository, or of a copy over SSH.
var path = regexp.MustCompile("^:(?:/[^/]|[^/\\s\"'`,;()<>]+(?:/|\\.git(?:[\\s\"'`,;()<>]|$)))")

// isVersion reports whether what stands after the "@" is a version, the size of a
// picture or the name of a unit: "1.2.3-rc.one", "2x.png", "tty1.service".
func isVersion(domain string) bool {
	label, rest, _ := strings.Cut(domain, ".")
	number := strings.TrimPrefix(label, "v")
	digits := digitBytes.span(number, 0)
	isNumber := digits == len(number) && rest != "" && isDigit(rest[0])
	return digits > 0 && (isNumber || number[digits:] == "x") || systemdUnits[rest]
}

// systemdUnits are kinds of systemd's.
var systemdUnits = wordSet("service socket timer slice mount")

// localPart returns where the name before an "@" at end begins.
func localPart(text string, from, end int) int {
	if end > from && text[end-1] == '"' {
		return quotedPart(text, from, end)
	}
	i := end
	for i > from {
		r, size := utf8.DecodeLastRuneInString(text[from:i])
		if !isNameRune(r) && !isNameSign(text, r, i, end) {
			break
		}
		i -= size
	}
	looked(end - i)
	return min(end, hyphenBytes.span(text, i)) // a bullet, or a flag of a command
}

// isNameSign reports whether the sign r before i is part of a name that goes on
// at i, and no punctuation before it. The apostrophe is that of o'brien.
func isNameSign(text string, r rune, i, end int) bool {
	if strings.ContainsRune("._%+-", r) {
		return true
	}
	if i >= end || i == 1 || !strings.ContainsRune("'!#$*^~|{}", r) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i-1])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return isNameRune(before) && isNameRune(after)
}

// quotedPart is localPart for "ann smith"@example.com.
func quotedPart(text string, from, end int) int {
	const longest = 64 // by RFC 5321
	low := max(from, end-longest-2)
	looked(end - low)
	open := low + strings.LastIndexByte(text[low:end-1], '"')
	if open < low || open+2 > end-1 || strings.IndexByte(text[open:end], '\n') >= 0 {
		return end
	}
	if open > 0 && text[end-2] == '\\' && text[open-1] == '\\' {
		open-- // the marks are escaped
	}
	return open
}

// address is an IP address in the place of a domain.
var address = regexp.MustCompile(`^\[(?:[0-9A-Za-z:]*(?:\.[0-9A-Za-z:]*){3}|(?i:IPv6):[0-9A-Za-z.:]*)\]`)

// domain returns the end of the domain that begins at i, 0 if there is none. Its
// last label begins with a letter and has two at least: "lodash@4.17.21" and
// "Foo@1.x" are versions.
func domain(text string, i int) (end int) {
	if i < len(text) && text[i] == '[' {
		if literal := address.FindString(upTo(text, i+48)[i:]); literal != "" {
			return i + len(literal)
		}
		return 0
	}
	rest := len(strings.TrimLeftFunc(text[i:], func(r rune) bool { return isNameRune(r) || r == '-' || r == '.' }))
	looked(len(text) - rest - i + 1)
	begin := i
	for label := range strings.SplitSeq(text[i:len(text)-rest], ".") {
		if label == "" {
			break
		}
		first, size := utf8.DecodeRuneInString(label)
		if i > begin && unicode.IsLetter(first) && len(label) > size {
			end = i + len(label)
		}
		i += len(label) + 1
	}
	return end
}

func isNameRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isAlnum(byte(r))
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r))
}
