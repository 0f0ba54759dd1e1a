// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

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

// flagValue returns what follows a flag: after "=", a blank, or in the next
// element of a list such as ["--password", "x"].
func flagValue(text string, end int) (from, to int) {
	from = blankBytes.span(upTo(text, end+4), end)
	for _, between := range [...]string{"=", `", "`, `', '`, `","`, `','`} {
		if strings.HasPrefix(text[from:], between) && from == end {
			from += max(1, len(between)-1)
		}
	}
	switch {
	case from == end:
		return end, end
	case from < len(text) && oneOf(text[from], "\"'"):
		return from + 1, max(from+1, closing(text, from, from))
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

var (
	nameInElement = bytesOf("a-zA-Z0-9_.:-")
	insideTag     = bytesBut(0, "<>")
	textBytes     = bytesBut(0, "<")
)

// element finds what is between <password> and </password>.
func (s *secretSearch) element(i int) stretch {
	const longest = 512
	text := upTo(s.text, i+longest)
	end := nameInElement.span(upTo(text, i+longestName), i+1)
	name := text[i+1 : end]
	kind := kindOf(name[strings.LastIndexByte(name, ':')+1:])
	if kind == kindNone || end >= len(text) || text[end] != '>' && !isBlank(text[end]) {
		return stretch{}
	}
	from := insideTag.span(text, end) + 1
	if from >= len(text) || text[from-1] != '>' || text[from-2] == '/' {
		return stretch{}
	}
	value := text[from:textBytes.span(text, from)]
	closed := strings.HasPrefix(text[from+len(value):], "</"+name)
	if inner, ok := strings.CutPrefix(text[from:], "<![CDATA["); ok {
		from += len("<![CDATA[")
		value, _, closed = strings.Cut(inner, "]]>")
		looked(len(value))
	}
	from += len(value) - len(strings.TrimLeft(value, " \t\r\n"))
	if value = strings.TrimSpace(value); !closed || value == "" || isPlaceholder(value) || !kind.covers(value) {
		return stretch{}
	}
	return stretch{from, from + len(value), kind.placeholder()}
}
