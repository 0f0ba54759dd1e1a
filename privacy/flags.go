// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"regexp"
	"strings"
)

// flag finds the value of a command's flag that begins at i: --password x,
// --token=x, curl -u user:password, sshpass -p x, mysql -px.
func (s *secretSearch) flag(i int) stretch {
	text := s.text
	if i > 0 && !oneOf(text[i-1], " \t\n\"'`([,|=") {
		return stretch{}
	}
	nameFrom := hyphenBytes.span(upTo(text, i+2), i)
	end := dottedBytes.span(upTo(text, i+longestName), nameFrom)
	if nameFrom == end || end >= len(text) || text[nameFrom] == '-' {
		return stretch{}
	}
	name := text[nameFrom:end]
	if nameFrom-i == 1 && len(name) > 1 && name[0] == 'p' && !IsSecretName(name) && commandBefore(text, i, "mysql", "mariadb", "sshpass") {
		return stretch{nameFrom + 1, passwordEnd(text, nameFrom), redactedSecret} // mysql -phunter2
	}
	from, to := flagValue(text, end)
	value := text[from:to]
	if value == "" || isPlaceholder(value) || oneOf(value[0], "[-$<{") {
		return stretch{}
	}
	kind := flagKind(text, i, name, nameFrom-i)
	if kind == kindNone || flagWords[strings.ToLower(upTo(value, 16))] {
		return stretch{}
	}
	if _, password, _ := strings.Cut(value, ":"); userFlags[name] && (password == "" || strings.Trim(value, "0123456789:") == "") {
		return stretch{}
	}
	return stretch{from, to, kind.placeholder()}
}

var (
	userFlags = wordSet("u user U proxy-user")
	flagWords = wordSet("is to and or for flag flags option options with if as in was not must argument parameter when from can which that the a an on " +
		"value are will should may only via using instead")
)

// flagKind says what the flag's value is; one letter says it of some commands.
func flagKind(text string, i int, name string, hyphens int) secretKind {
	switch kind := kindOf(name); {
	case kind >= kindKey:
		return kind
	case kind == kindToken && hyphens == 2 && !textTokens[strings.ToLower(strings.TrimSuffix(name, "-token"))]:
		return kindKey
	case userFlags[name] && commandBefore(text, i, "curl", "http ", "https ", "wget"),
		name == "p" && commandBefore(text, i, "sshpass", "docker login", "podman login", "az login", "helm registry login", "htpasswd"),
		name == "a" && commandBefore(text, i, "redis-cli"):
		return kindPassword
	}
	return kindNone
}

// afterFlag is what may stand before a value: "=", a blank, or what parts it from
// the next element of a list such as ["--password", "x"].
var afterFlag = regexp.MustCompile(`^(?:=|[ \t]{1,4}|["'], ?)["']?`)

func flagValue(text string, end int) (from, to int) {
	from = end + len(afterFlag.FindString(upTo(text, end+6)[end:]))
	switch {
	case from == end:
		return end, end
	case from < len(text) && oneOf(text[from-1], "\"'"):
		return from, max(from, closing(text, from-1, from-1))
	}
	return from, passwordEnd(text, from)
}

// commandBefore reports whether one of the commands stands before i in its line.
func commandBefore(text string, i int, commands ...string) bool {
	window := text[max(0, i-200):i]
	looked(len(window))
	window = window[strings.LastIndexByte(window, '\n')+1:]
	for _, c := range commands {
		if strings.Contains(window, c) {
			return true
		}
	}
	return false
}

// elementPattern is <password>x</…, also with attributes and <![CDATA[x]]>.
var elementPattern = regexp.MustCompile(`^<([\w.:-]{1,48})(?:[ \t][^<>]*[^<>/])?>(?:<!\[CDATA\[\s*(.*?)\s*\]\]>|\s*([^<\s][^<]*?)\s*</([\w.:-]+))`)

// element finds what is between <password> and </password>.
func (s *secretSearch) element(i int) stretch {
	const longest = 512
	end := nameInElement.span(upTo(s.text, i+longestName), i+1)
	name := s.text[i+1 : end]
	kind := kindOf(name[strings.LastIndexByte(name, ':')+1:])
	if kind == kindNone {
		return stretch{}
	}
	m := elementPattern.FindStringSubmatchIndex(upTo(s.text, i+longest)[i:])
	looked(longest)
	if m == nil {
		return stretch{}
	}
	from, to := i+max(m[4], m[6]), i+max(m[5], m[7])
	if value := s.text[from:to]; isPlaceholder(value) || !kind.covers(value) || m[8] >= 0 && s.text[i+m[8]:i+m[9]] != name {
		return stretch{}
	}
	return stretch{from, to, kind.placeholder()}
}

var nameInElement = bytesOf("a-zA-Z0-9_.:-")
