// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
)

// flag finds the value of a command's flag that begins at i: --password x,
// --token=x, curl -u user:password, sshpass -p x, mysql -px.
func (s *secretSearch) flag(i int) (from, to int, by string) {
	text := s.text
	if i > 0 && strings.IndexByte(" \t\n\"'`([,|=", text[i-1]) < 0 {
		return 0, 0, ""
	}
	window := text[:min(len(text), i+longestName)]
	nameFrom := span(window[:min(len(window), i+2)], i, isHyphen)
	end := dottedBytes.span(window, nameFrom)
	if nameFrom == end || end >= len(text) || text[nameFrom] == '-' {
		return 0, 0, ""
	}
	name := text[nameFrom:end]
	if nameFrom-i == 1 && len(name) > 1 && name[0] == 'p' && !IsSecretName(name) && commandBefore(text, i, passwordGlued) {
		return nameFrom + 1, passwordEnd(text, nameFrom), redactedSecret // mysql -phunter2
	}
	from, to = flagValue(text, end)
	value := text[from:to]
	if value == "" || isPlaceholder(value) || strings.IndexByte("[-$<{", value[0]) >= 0 {
		return 0, 0, ""
	}
	kind := flagKind(text, i, name, nameFrom-i)
	if kind == kindNone || flagWords[strings.ToLower(value[:min(len(value), 16)])] {
		return 0, 0, ""
	}
	if userFlags[name] {
		colon := strings.IndexByte(value, ':')
		if colon < 0 || colon+1 == len(value) || strings.Trim(value, "0123456789:") == "" {
			return 0, 0, ""
		}
	}
	return from, to, placeholderOf(kind)
}

var (
	userFlags     = wordSet("u user U proxy-user")
	userCommands  = []string{"curl", "http ", "https ", "wget"}
	passwordGlued = []string{"mysql", "mariadb", "sshpass"}
	passwordApart = []string{"sshpass", "docker login", "podman login", "az login", "helm registry login", "htpasswd"}
	redisCommands = []string{"redis-cli"}
	flagWords     = wordSet("is to and or for flag flags option options with if as in was not must argument parameter when from can which that the a an on " +
		"value are will should may only via using instead")
)

// flagKind says what the flag's value is; one letter says it of some commands.
func flagKind(text string, i int, name string, hyphens int) secretKind {
	switch kind := kindOf(name); {
	case kind >= kindKey:
		return kind
	case kind == kindToken && hyphens == 2 && !isTextToken(strings.TrimSuffix(name, "-token")):
		return kindKey
	case userFlags[name] && commandBefore(text, i, userCommands),
		name == "p" && commandBefore(text, i, passwordApart), name == "a" && commandBefore(text, i, redisCommands):
		return kindPassword
	}
	return kindNone
}

// flagValue returns what follows a flag: after "=", a blank, or in the next
// element of a list such as ["--password", "x"].
func flagValue(text string, end int) (from, to int) {
	from = end
	switch {
	case text[end] == '=':
		from++
	case isBlank(text[end]):
		from = blankBytes.span(text[:min(len(text), end+4)], end)
	case strings.HasPrefix(text[end:], `", "`), strings.HasPrefix(text[end:], `', '`):
		from += 3
	case strings.HasPrefix(text[end:], `","`), strings.HasPrefix(text[end:], `','`):
		from += 2
	default:
		return end, end
	}
	if from < len(text) && strings.IndexByte("\"'", text[from]) >= 0 {
		return from + 1, max(from+1, closing(text, from, from))
	}
	return from, passwordEnd(text, from)
}

// commandBefore reports whether one of the commands stands before i in its line.
func commandBefore(text string, i int, commands []string) bool {
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

// element finds what is between <password> and </password>.
func element(text string, i int) (from, to int, by string) {
	const longest = 512
	window := text[:min(len(text), i+longest)]
	end := span(window[:min(len(window), i+longestName)], i+1, func(c byte) bool { return isKeyByte(c) || c == '.' || c == ':' })
	name := text[i+1 : end]
	kind := kindOf(name[strings.LastIndexByte(name, ':')+1:])
	if kind == kindNone || end >= len(window) || window[end] != '>' && !isBlank(window[end]) {
		return 0, 0, ""
	}
	if from = span(window, end, func(c byte) bool { return c != '>' && c != '<' }) + 1; from >= len(window) || text[from-1] != '>' || text[from-2] == '/' {
		return 0, 0, ""
	}
	if rest, ok := strings.CutPrefix(window[from:], "<![CDATA["); ok {
		from = len(window) - len(rest)
		to = from + strings.Index(rest, "]]>")
	} else if to = span(window, from, func(c byte) bool { return c != '<' }); !strings.HasPrefix(window[to:], "</"+name) {
		return 0, 0, ""
	}
	value := strings.TrimSpace(window[from:max(from, to)])
	if value == "" || isPlaceholder(value) || !covers(kind, value) {
		return 0, 0, ""
	}
	from += strings.Index(text[from:to], value)
	return from, from + len(value), placeholderOf(kind)
}
