// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"strings"
	"unicode/utf8"
)

// trimURLs replaces what stands around the host of every URL in an error's text:
// net/http quotes the whole URL of a failed request, and paths and queries hold
// tenants, searches and keys. Scheme and host stay: they tell whom to call.
func trimURLs(msg string, replace func(string) string) string {
	w := rewriter{text: msg}
	for i := 0; i < len(msg); {
		at := strings.IndexAny(msg[i:], `:%\`)
		if at < 0 {
			break
		}
		i += at
		authority := i
		for _, want := range []byte("://") {
			c, size := urlByte(msg, authority)
			if c != want {
				authority = 0
				break
			}
			authority += size
		}
		if authority == 0 {
			i++
			continue
		}
		i = trimURL(&w, authority, quotedURL(msg, i), replace)
	}
	return w.String()
}

// trimURL does so for the URL whose authority begins here, and returns its end.
func trimURL(w *rewriter, authority int, quoted bool, replace func(string) string) (end int) {
	msg := w.text
	host := userinfoEnd(msg, authority)
	if host > authority {
		_, size := urlByte(msg, host)
		if clean := replace(msg[authority:host]); clean != msg[authority:host] {
			w.replace(authority, host, clean)
		}
		host += size
	}
	path := hostEnd(msg, host)
	end = urlEnd(msg, path, quoted)
	// What ends a sentence is not the URL's.
	rest := strings.TrimRight(msg[path:end], ".,;:!)}'")
	slash := "/"
	body := rest
	if c, size := urlByte(rest, 0); c == '/' {
		slash, body = rest[:size], rest[size:]
	}
	if strings.ContainsFunc(body, isNameRune) {
		if clean := replace(body); clean != body {
			w.replace(path, path+len(rest), slash+clean)
		}
	}
	return end
}

// urlByte reads what a byte of a URL says, which may be written as URLs inside of
// URLs ("%2F", "%252F") and as JSON ("\/", "\u0026") have it. At the end c is 0.
func urlByte(msg string, i int) (c byte, size int) {
	const deepest = 8
	if i >= len(msg) {
		return 0, 0
	}
	j := i + 1
	switch msg[i] {
	case '%':
		for range deepest {
			if _, ok := hexValue(msg, j+2, 2); !ok || !strings.HasPrefix(msg[j:], "25") {
				break
			}
			j += 2
		}
		if v, ok := hexValue(msg, j, 2); ok {
			return byte(v), j + 2 - i
		}
	case '\\':
		for j < len(msg) && j-i < deepest && msg[j] == '\\' {
			j++
		}
		if strings.HasPrefix(msg[j:], "/") {
			return '/', j + 1 - i
		}
		if strings.HasPrefix(msg[j:], "u") {
			if v, ok := hexValue(msg, j+1, 4); ok && v < utf8.RuneSelf {
				return byte(v), j + 5 - i
			}
		}
	}
	return msg[i], 1
}

// userinfoEnd returns the place of the last "@" before the path, or i.
func userinfoEnd(msg string, i int) int {
	at := i
	for j := i; j < len(msg); {
		c, size := urlByte(msg, j)
		if !inURL(c) && c != '\'' || strings.IndexByte("/?#", c) >= 0 {
			break
		}
		if c == '@' {
			at = j
		}
		j += size
	}
	return at
}

// hostEnd returns the end of a host and its port. What no host has is not taken
// for one: ";jsessionid=" needs no slash before it.
func hostEnd(msg string, i int) int {
	brackets, port := false, false
	for i < len(msg) {
		c, size := urlByte(msg, i)
		switch {
		case port:
			if c < '0' || c > '9' {
				return i
			}
		case c == '[' || c == ']':
			brackets = c == '['
		case c == ':' && !brackets:
			if next, _ := urlByte(msg, i+size); next < '0' || next > '9' {
				return i
			}
			port = true
		case c >= utf8.RuneSelf, keyByte(c), c == '.', brackets && (c == ':' || c == '%'):
		default:
			return i
		}
		i += size
	}
	return i
}

// urlEnd returns where a URL of which this is the path ends. An apostrophe may
// be in it, and ends it only if there is one before it.
func urlEnd(msg string, i int, quoted bool) int {
	for i < len(msg) {
		c, size := msg[i], 1
		switch c {
		case '\\':
			c, size = urlByte(msg, i)
		case '\'':
			if next, _ := urlByte(msg, i+1); !quoted || next >= utf8.RuneSelf || keyByte(next) || next == '/' {
				i++
				continue
			}
		}
		if !inURL(c) {
			return i
		}
		i += size
	}
	return i
}

// quotedURL reports whether an apostrophe stands before the scheme that ends at i.
func quotedURL(msg string, i int) bool {
	const longest = 32
	from := i
	for from > 0 && i-from < longest && (keyByte(msg[from-1]) || msg[from-1] == '+' || msg[from-1] == '.') {
		from--
	}
	return from > 0 && msg[from-1] == '\''
}

func inURL(c byte) bool { return strings.IndexByte(" \t\r\n\"'`<>\\", c) < 0 }
