// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
)

var authorityBytes = visibleBut("/?#\"'<>\\`")

// userinfo finds the user and the password of a URL whose authority begins at i.
func (s *secretSearch) userinfo(i int) (from, to int, by string) {
	text := s.text
	end := authorityBytes.span(text, i)
	at := strings.LastIndexByte(text[i:end], '@')
	if at < 0 {
		return 0, 0, ""
	}
	info := text[i : i+at]
	if isPlaceholder(info) {
		return 0, 0, ""
	}
	if colon := strings.IndexByte(info, ':'); colon >= 0 && colon+1 < len(info) || len(info) >= 20 && hasDigit(info) {
		return i, i + at, redactedSecret
	}
	return 0, 0, ""
}

// dataSource finds "user:password" before the "@" of a MySQL data source name.
func (s *secretSearch) dataSource(at int) (from, to int, by string) {
	rest := s.text[at+1:]
	if !strings.HasPrefix(rest, "tcp(") && !strings.HasPrefix(rest, "unix(") {
		return 0, 0, ""
	}
	low := max(s.done, at-256)
	from = at
	for from > low && s.text[from-1] > ' ' && strings.IndexByte("\"'`/", s.text[from-1]) < 0 {
		from--
	}
	looked(at - from)
	if strings.IndexByte(s.text[from:at], ':') < 0 {
		return 0, 0, ""
	}
	return from, at, redactedSecret
}
