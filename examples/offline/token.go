// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"unicode"
	"unicode/utf8"
)

// CountTokens counts what this package calls a token: a word (a run of letters,
// marks and digits, with apostrophes and underscores inside it) or one
// punctuation mark or symbol. Scripts written without spaces (Chinese, Japanese
// kana, Thai and relatives) count one token a character. White space counts
// nothing. The numbers do not equal those of any real model.
func CountTokens(s string) int { return len(tokens(s)) }

type token struct {
	start, end int
	word       bool
}

func tokens(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		end := i + n
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.C, r):
		case isSolo(r):
			for end < len(s) {
				m, k := utf8.DecodeRuneInString(s[end:])
				if !unicode.IsMark(m) {
					break
				}
				end += k
			}
			out = append(out, token{i, end, true})
		case isWord(r):
			end = wordEnd(s, end)
			out = append(out, token{i, end, true})
		default:
			out = append(out, token{i, end, false})
		}
		i = end
	}
	return out
}

func wordEnd(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if isWord(r) && !isSolo(r) {
			i += n
			continue
		}
		next, k := utf8.DecodeRuneInString(s[i+n:])
		if !isJoiner(r) || !isWord(next) || isSolo(next) {
			break
		}
		i += n + k
	}
	return i
}

// isWord counts marks as part of a word: without them Arabic vowel signs and
// Indic vowels would tear words apart.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

func isSolo(r rune) bool {
	return r > 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// isJoiner includes the zero-width joiners that Persian puts inside words.
func isJoiner(r rune) bool {
	return r == '\'' || r == '’' || r == '_' || r == '\u200c' || r == '\u200d'
}
