// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestRedact(t *testing.T) {
	tests := map[string]string{
		"mail bob.smith+x@mail.example.co.uk now":                              "mail [EMAIL] now",
		"بريد: سامي@مثال.شبكة":                                                 "بريد: [EMAIL]",
		"card 4111-1111-1111-1111":                                             "card [CREDIT_CARD]",
		"card 4111 1111 1111 1112":                                             "card 4111 1111 1111 1112", // fails Luhn, too long for a phone
		"بطاقة ٤١١١١١١١١١١١١١١١":                                               "بطاقة [CREDIT_CARD]",
		"𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏":                                                     "[CREDIT_CARD]",
		"call +44 20 7946 0958":                                                "call [PHONE]",
		"call (555) 123-4567":                                                  "call [PHONE]",
		"call 5551234567":                                                      "call [PHONE]",
		"اتصل ٠١٠١٢٣٤٥٦٧٨":                                                     "اتصل [PHONE]",
		"key sk-proj_abcdefghijkl0123":                                         "key [API_KEY]",
		"Authorization: Bearer abc.def-123456":                                 "Authorization: [API_KEY]",
		"AKIAIOSFODNN7EXAMPLE":                                                 "[API_KEY]",
		"Get \"https://serpapi.com/search?api_key=0123456789abcdef&q=x\": EOF": "Get \"https://serpapi.com/search?[API_KEY]&q=x\": EOF",
		"POST /v1/models/g:run?key=AbCdEfGh1234":                               "POST /v1/models/g:run[API_KEY]",
		`{"api_key": "0123456789"}`:                                            `{"[API_KEY]"}`,
		"5551234567sk-aaaaaaaaaaaa":                                            "[PHONE][API_KEY]",

		"risk-management-and-more":                    "risk-management-and-more",
		"HTTP 429 after 12345 ms":                     "HTTP 429 after 12345 ms",
		"v1.26.8, 2026-01-12":                         "v1.26.8, 2026-01-12",
		"at 2026-01-12 10:30:00":                      "at 2026-01-12 10:30:00",
		"dial tcp 104.18.7.192:443: connect: refused": "dial tcp 104.18.7.192:443: connect: refused",
		"tokens: 128000, limit 8192":                  "tokens: 128000, limit 8192",
		"":                                            "",
	}
	for in, want := range tests {
		assert.Equal(t, want, Redact(in), "Redact(%q)", in)
	}
}

var plainKey = regexp.MustCompile(`(?i)(?:\b|[?&])(?:` + apiKeyPattern.String()[len("(?i)^"):] + `)`)

func FuzzRedact(f *testing.F) {
	for _, s := range []string{
		"bob@example.com", "+44 20 7946 0958", "4111 1111 1111 1111", "5551234567sk-aaaaaaaaaaaa",
		"bearer aaaaaaaa@b.c", "٤١١١١١١١١١١١١١١١ (1) 2.3", "?key=0000000000000000000", "api_key=\"api_key=12345678",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Redact(s)
		if twice := Redact(once); twice != once {
			t.Errorf("Redact(%q) = %q, and again %q", s, once, twice)
		}
		// The scan that spares the patterns most of the text must not spare them
		// a place: the plain pattern over the whole text is the judge.
		if m := plainKey.FindString(once); m != "" {
			t.Errorf("Redact(%q) leaves %q", s, m)
		}
		if m := emailPattern.FindString(once); m != "" {
			t.Errorf("Redact(%q) leaves %q", s, m)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("Redact(%q) = %q is not valid UTF-8", s, once)
		}
	})
}

// A prompt of a megabyte must not stop the caller: ten times the text may take
// ten times as long, and a machine that is busy three times that; a quadratic
// pattern takes a hundred times.
func TestRedactTakesLinearTime(t *testing.T) {
	for name, unit := range map[string]string{
		"digits": "1", "letters": "a", "spaced digits": "1 ", "almost mail": "a@b", "dots": "a.", "parentheses": "(1",
		"almost keys": "sk-", "cards": "4111111111111111 ", "mail": "a@b.c ", "glued": "5551234567sk-aaaaaaaaaaaa",
	} {
		t.Run(name, func(t *testing.T) {
			timed := func(size int) time.Duration {
				s := strings.Repeat(unit, size/len(unit))
				start := time.Now()
				Redact(s)
				return time.Since(start)
			}
			size := 100_000
			if raceEnabled {
				size = 10_000 // the race detector is ten times slower, in each
			}
			small, large := timed(size), timed(10*size)
			assert.Less(t, large, 30*small+50*time.Millisecond, "a tenth took %v", small)
		})
	}
}
