// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	_ "embed" // for key_formats.txt
	"maps"
	"slices"
	"strconv"
	"strings"
)

// keyFormat is how a key of some service begins, and what follows.
type keyFormat struct {
	prefix string
	of     *byteSet
	least  int      // bytes of it that follow
	flags  []string // as key_formats.txt explains them
}

//go:embed key_formats.txt
var keyFormatLines string

func keyFormats() (all []*keyFormat) {
	kinds := map[string]*byteSet{
		"word": keyBytes, "dotted": dottedBytes, "alnum": alnumBytes, "hex": hexBytes,
		"base64": bytesOf("a-zA-Z0-9+/="), "path": bytesBut('!', "\"'`<>\\)]}|,;"),
	}
	table := tableOf(keyFormatLines)
	for _, head := range slices.Sorted(maps.Keys(table)) {
		f := strings.Fields(head)
		least, _ := strconv.Atoi(f[1])
		for p := range strings.FieldsSeq(table[head]) {
			all = append(all, &keyFormat{prefix: p, of: kinds[f[0]], least: least, flags: f[2:]})
		}
	}
	return all
}

func (k *keyFormat) has(flag string) bool { return slices.Contains(k.flags, flag) }

// find finds the key whose prefix begins at i.
func (k *keyFormat) find(s *secretSearch, i int) stretch {
	keep := k.has("keep")
	if i < s.noKey && !keep {
		return stretch{}
	}
	text, rest := s.text, i+len(k.prefix)
	window := upTo(text, rest+randomWindow)
	head := text[rest:k.of.span(window, rest)]
	if !random(head) && (!keep || strings.IndexByte(head, '/') < 0) {
		next := nextRandom(text, i, min(len(text), i+4*randomWindow))
		looked(next - i)
		s.noKey = next - randomWindow
		return stretch{}
	}
	if len(head) < k.least || k.has("strict") && !mixed(head) || k.has("digit") && !hasDigit(head) || k.has("dot") && strings.IndexByte(head, '.') < 0 {
		return stretch{}
	}
	end := k.of.span(text, rest)
	end = rest + len(strings.TrimRight(text[rest:end], ".?!:"))
	if keep {
		return stretch{rest, end, redactedKey}
	}
	return stretch{i, end, redactedKey}
}

// telegramToken finds "123456789:AA…" around the colon at i.
func (s *secretSearch) telegramToken(i int) stretch {
	from := i
	for from > 0 && i-from <= 12 && isDigit(s.text[from-1]) {
		from--
	}
	to := keyBytes.span(upTo(s.text, i+64), i+1)
	if i-from < 6 || to-i < 33 {
		return stretch{}
	}
	return stretch{from, to, redactedKey}
}

// webToken finds a JSON Web Token: "eyJ…", and parts after dots.
func (s *secretSearch) webToken(i int) stretch {
	if i < s.noToken {
		return stretch{}
	}
	end, parts := dottedBytes.span(s.text, i), 0
	for part := range strings.SplitSeq(s.text[i:end], ".") {
		if len(part) >= 6 {
			parts++
		}
	}
	if parts < 2 {
		s.noToken = end
		return stretch{}
	}
	return stretch{i, i + len(strings.TrimRight(s.text[i:end], ".")), redactedKey}
}

var authorityBytes = bytesBut('!', "/?#\"'<>\\`")

// userinfo finds the user and the password in a URL, after the "://" at i.
func (s *secretSearch) userinfo(i int) stretch {
	i += len("://")
	info := s.text[i:authorityBytes.span(s.text, i)]
	info = info[:max(0, strings.LastIndexByte(info, '@'))]
	_, password, _ := strings.Cut(info, ":")
	if isPlaceholder(info) || password == "" && (len(info) < 20 || !hasDigit(info)) {
		return stretch{}
	}
	return stretch{i, i + len(info), redactedSecret}
}

// dataSource finds "user:password" before the "@tcp(" of a MySQL data source name.
func (s *secretSearch) dataSource(at int) stretch {
	low := max(s.done, at-256)
	from := low + strings.LastIndexFunc(s.text[low:at], func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'`/", r) }) + 1
	looked(at - low)
	if strings.IndexByte(s.text[from:at], ':') < 0 {
		return stretch{}
	}
	return stretch{from, at, redactedSecret}
}
