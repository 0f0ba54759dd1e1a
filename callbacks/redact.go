// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The patterns are RE2, so each runs in linear time; but Go's engine takes
// about 1 ms for a prompt of 10 KB per pattern, so they only see the places that
// a plain scan finds worth a look. Digits are \p{Nd}: an Arabic-Indic phone
// number is a phone number.
var (
	apiKeyPattern = regexp.MustCompile(`(?i)^(?:bearer\s+[a-z0-9._~+/=-]{8,}|(?:sk|pk|rk|ak|ls|tl|hf|gsk|xai|ghp|gho|xox[abp])[-_][a-z0-9_-]{12,}|AIza[a-z0-9_-]{20,}|AKIA[A-Z0-9]{12,}|(?:api[_-]?key|access[_-]?token)["']?\s*[=:]\s*["']?[a-z0-9._~+/=-]{8,}|[?&](?:key|token)=[a-z0-9._~+/=-]{8,})`)
	emailPattern  = regexp.MustCompile(`[\p{L}\p{Nd}._%+-]+@[\p{L}\p{Nd}-]+(?:\.[\p{L}\p{Nd}-]+)+`)
	cardPattern   = regexp.MustCompile(`\p{Nd}(?:[ -]?\p{Nd}){12,18}`)
	phonePattern  = regexp.MustCompile(`(?:\+|\(|\b00)?\p{Nd}[\p{Nd}() .-]{6,18}\p{Nd}`)
)

// keyPrefixes are how an apiKeyPattern match can begin, lower case, by first
// letter.
var keyPrefixes = map[byte][]string{
	'b': {"bearer"}, 's': {"sk-", "sk_"}, 'p': {"pk-", "pk_"}, 'r': {"rk-", "rk_"}, 'l': {"ls-", "ls_"}, 't': {"tl-", "tl_"},
	'h': {"hf-", "hf_"}, 'g': {"gsk", "ghp", "gho"}, 'x': {"xai", "xox"}, 'a': {"ak-", "ak_", "aiza", "akia", "api", "access"},
	'?': {"?key=", "?token="}, '&': {"&key=", "&token="},
}

// Redact replaces what identifies a person or opens a door by a placeholder:
// e-mail addresses [EMAIL], payment cards that pass the Luhn check
// [CREDIT_CARD], phone numbers [PHONE], API keys and bearer tokens [API_KEY].
func Redact(text string) string {
	// A placeholder may lay bare what its original hid, such as a key glued to
	// a phone number: go on until nothing changes. Few texts need a third round,
	// and the bound keeps the time linear.
	for range 8 {
		next := redactOnce(text)
		if next == text {
			break
		}
		text = next
	}
	return text
}

func redactOnce(text string) string {
	text = redactKeys(text)
	if strings.IndexByte(text, '@') >= 0 {
		text = emailPattern.ReplaceAllString(text, "[EMAIL]")
	}
	return redactRuns(text)
}

func redactKeys(text string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if !keyMayStart(text, i) {
			continue
		}
		if m := apiKeyPattern.FindStringIndex(text[i:]); m != nil {
			b.WriteString(text[done:i])
			b.WriteString("[API_KEY]")
			done = i + m[1]
			i = done - 1
		}
	}
	if done == 0 {
		return text
	}
	return b.String() + text[done:]
}

func keyMayStart(text string, i int) bool {
	first := text[i]
	if 'A' <= first && first <= 'Z' {
		first += 'a' - 'A'
	}
	prefixes := keyPrefixes[first]
	if prefixes == nil || asciiWord(first) && i > 0 && asciiWord(text[i-1]) {
		return false
	}
	for _, p := range prefixes {
		if len(text)-i > len(p) && strings.EqualFold(text[i:i+len(p)], p) {
			return true
		}
	}
	return false
}

func asciiWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// redactRuns looks at each run of digits and what may separate them.
func redactRuns(text string) string {
	var b strings.Builder
	done, start, digits := 0, 0, 0
	flush := func(end int) {
		if digits >= 7 {
			run := text[start:end]
			if clean := redactNumbers(run); clean != run {
				b.WriteString(text[done:start])
				b.WriteString(clean)
				done = end
			}
		}
	}
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9', r >= utf8.RuneSelf && unicode.Is(unicode.Nd, r):
			digits++
		case !strings.ContainsRune("+() .-", r):
			flush(i)
			_, size := utf8.DecodeRuneInString(text[i:])
			start, digits = i+size, 0
		}
	}
	flush(len(text))
	if done == 0 {
		return text
	}
	return b.String() + text[done:]
}

func redactNumbers(text string) string {
	text = cardPattern.ReplaceAllStringFunc(text, func(s string) string {
		if luhn(s) {
			return "[CREDIT_CARD]"
		}
		return s
	})
	return phonePattern.ReplaceAllStringFunc(text, func(s string) string {
		if looksLikePhone(s) {
			return "[PHONE]"
		}
		return s
	})
}

// notPhone are the numbers that errors are full of: addresses of servers and
// points in time.
var notPhone = regexp.MustCompile(`^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?:19|20)[0-9]{2}[-.](?:0[1-9]|1[0-2])[-.](?:[0-2][0-9]|3[01])(?: [0-9]{1,2})?)$`)

// looksLikePhone keeps IP addresses, dates, versions and plain counts readable:
// 8 digits or fewer need a "+", and a run without any separator needs at least
// 10.
func looksLikePhone(s string) bool {
	if notPhone.MatchString(s) {
		return false
	}
	digits, separators := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Nd, r):
			digits++
		case r != '+':
			separators++
		}
	}
	switch {
	case digits < 7 || digits > 15:
		return false
	case s[0] == '+' || s[0] == '(':
		return true
	case separators == 0:
		return digits >= 10
	default:
		return digits >= 9
	}
}

func luhn(s string) bool {
	sum, n := 0, 0
	runes := []rune(s)
	for _, r := range slices.Backward(runes) {
		d := digit(r)
		if d < 0 {
			continue
		}
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	return n >= 13 && sum%10 == 0
}

// digit returns the value of a decimal digit of any script, else -1. The digits
// of a script are ten neighbours, so the start of the run gives the value.
func digit(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	if !unicode.Is(unicode.Nd, r) {
		return -1
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if lo, hi := int64(t.Lo), int64(t.Hi); lo <= int64(r) && int64(r) <= hi {
			return int(int64(r)-lo) % 10
		}
	}
	return -1
}
