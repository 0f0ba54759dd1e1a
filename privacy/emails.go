// SPDX-License-Identifier: Apache-2.0

package privacy

import (
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
		from := localPart(text, max(last, w.done), at)
		to := domain(text, at+1)
		last = at + 1
		if from < at && to > 0 && !isPath(text, from, at, to) && !isVersion(text[at+1:to]) {
			w.replace(from, to, redactedEmail)
			last = to
		}
	}
}

// localPart returns where the name before an "@" at end begins.
func localPart(text string, from, end int) int {
	if end > from && text[end-1] == '"' {
		return quotedPart(text, from, end)
	}
	i := end
	for i > from {
		r, size := utf8.DecodeLastRuneInString(text[from:i])
		if !isNameRune(r) && (r >= utf8.RuneSelf || strings.IndexByte("._%+-!#$*/=?^{|}~&'", byte(r)) < 0 || !isNameSign(text, i-size, end)) {
			break
		}
		i -= size
	}
	looked(end - i)
	for i < end && text[i] == '-' { // a bullet, or a flag of a command
		i++
	}
	return i
}

// quotedPart is localPart for "ann smith"@example.com.
func quotedPart(text string, from, end int) int {
	const longest = 64 // by RFC 5321
	low := max(from, end-longest-2)
	looked(end - low)
	open := strings.LastIndexByte(text[low:end-1], '"')
	if open < 0 || open+low+2 > end-1 || strings.IndexByte(text[low+open:end], '\n') >= 0 {
		return end
	}
	if from = low + open; from > 0 && text[end-2] == '\\' && text[from-1] == '\\' {
		from-- // the marks are escaped
	}
	return from
}

// isNameSign reports whether the sign at i is part of a name that goes on at
// i+1, and no punctuation before it. The apostrophe is that of o'brien.
func isNameSign(text string, i, end int) bool {
	switch text[i] {
	case '.', '_', '%', '+', '-':
		return true
	case '\'', '!', '#', '$', '*', '^', '~', '|', '{', '}':
		if i+1 >= end || i == 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+1:])
		return isNameRune(before) && isNameRune(after)
	}
	return false
}

// domain returns the end of the domain that begins at i, 0 if there is none. Its
// last label begins with a letter and has two at least: "lodash@4.17.21" and
// "Foo@1.x" are versions.
func domain(text string, i int) (end int) {
	if i < len(text) && text[i] == '[' {
		return addressLiteral(text, i)
	}
	begin, label, dots := i, i, 0
	letterFirst, runes := false, 0
	defer func() { looked(i - begin + 1) }()
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

// addressLiteral returns the end of "[10.0.0.1]" or "[IPv6:fe80::1]".
func addressLiteral(text string, i int) int {
	const longest = 48
	window := text[i:min(len(text), i+longest)]
	end := span(window, 1, func(c byte) bool { return isAlnum(c) || c == '.' || c == ':' })
	if end >= len(window) || window[end] != ']' || strings.Count(window[:end], ".") != 3 && !hasPrefixFold(window, "[IPv6:") {
		return 0
	}
	return i + end + 1
}

// isPath reports whether this is the place of a repository, a copy over SSH or a
// package: git@github.com:org/repo.
func isPath(text string, from, at, to int) bool {
	if text[from:at] == "git" {
		return true
	}
	if to >= len(text) || text[to] != ':' {
		return false
	}
	window := text[to+1 : min(len(text), to+1+randomWindow)]
	end := span(window, 0, func(c byte) bool { return c > ' ' && strings.IndexByte("\"'`,;()<>", c) < 0 })
	path := window[:end]
	return !strings.HasPrefix(path, "//") && (strings.Contains(path, "/") || strings.HasSuffix(path, ".git"))
}

// isVersion reports whether what stands after the "@" is a version, the size of a
// picture or the name of a unit: "1.2.3-rc.one", "2x.png", "tty1.service".
func isVersion(domain string) bool {
	label := domain[:span(domain, 0, func(c byte) bool { return c != '.' })]
	rest := strings.TrimPrefix(domain[len(label):], ".")
	number := strings.TrimPrefix(label, "v")
	if digits := span(number, 0, isDigit); digits > 0 && (digits == len(number) && rest != "" && isDigit(rest[0]) || number[digits:] == "x") {
		return true
	}
	switch rest {
	case "service", "socket", "timer", "slice", "mount":
		return true
	}
	return false
}

func isNameRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isAlnum(byte(r))
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r))
}
