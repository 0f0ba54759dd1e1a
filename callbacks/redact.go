// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"regexp"
	"unicode"
)

// The patterns are RE2, so each runs in linear time. Digits are \p{Nd}: an
// Arabic-Indic phone number is a phone number.
var (
	apiKeyPattern = regexp.MustCompile(`(?i)\b(?:bearer\s+[a-z0-9._~+/=-]{8,}|(?:sk|pk|rk|ak|ls|tl|hf|gsk|xai|ghp|gho|xox[abp])[-_][a-z0-9_-]{12,}|AIza[a-z0-9_-]{20,}|AKIA[A-Z0-9]{12,})`)
	emailPattern  = regexp.MustCompile(`[\p{L}\p{Nd}._%+-]+@[\p{L}\p{Nd}-]+(?:\.[\p{L}\p{Nd}-]+)+`)
	cardPattern   = regexp.MustCompile(`\p{Nd}(?:[ -]?\p{Nd}){12,18}`)
	phonePattern  = regexp.MustCompile(`(?:\+|\(|\b00)?\p{Nd}[\p{Nd}() .-]{6,18}\p{Nd}`)
)

// Redact replaces what identifies a person or opens a door by a placeholder:
// e-mail addresses [EMAIL], payment cards that pass the Luhn check
// [CREDIT_CARD], phone numbers [PHONE], API keys and bearer tokens [API_KEY].
func Redact(text string) string {
	text = apiKeyPattern.ReplaceAllString(text, "[API_KEY]")
	text = emailPattern.ReplaceAllString(text, "[EMAIL]")
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

// looksLikePhone keeps dates, versions and plain counts readable: 8 digits or
// fewer need a "+", and a run without any separator needs at least 10.
func looksLikePhone(s string) bool {
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
	for i := len(runes) - 1; i >= 0; i-- {
		d := digit(runes[i])
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
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	return -1
}
