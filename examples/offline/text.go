// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	token = regexp.MustCompile(`[\p{L}\p{M}\p{N}]+|[^\s\p{C}]`)
	// unquoted are headings and code of markdown.
	unquoted = regexp.MustCompile("(?ms)^#+ [^\n]*$|^```.*?(?:^```|\\z)")
	// end is that of a sentence, of a paragraph or of an item of a list.
	end = regexp.MustCompile(`[.!?؟。]\s+|\n\s*\n|\n\s*[-*#|]`)
)

// CountTokens counts words and marks. The numbers are not those of a real model.
func CountTokens(s string) int { return len(token.FindAllStringIndex(s, -1)) }

// sentences are those of a text, each once, without markdown's marks.
func sentences(text string) []string {
	var list []string
	text = unquoted.ReplaceAllString(text, "\n")
	for start := 0; start < len(text); {
		stop := len(text)
		if at := end.FindStringIndex(text[start:]); at != nil {
			stop = start + at[1]
		}
		list = append(list, strings.Trim(strings.Join(strings.Fields(text[start:stop]), " "), " -*#|\""))
		start = stop
	}
	return unique(list)
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
}

// terms are the stems of the words that carry meaning.
func terms(s string) []string {
	var list []string
	for _, w := range words(s) {
		if !stopWords[w] {
			list = append(list, stem(w))
		}
	}
	return list
}

// stem cuts what makes English words differ that are the same.
func stem(w string) string {
	for _, suffix := range []string{"ing", "ed", "es", "s"} {
		if s, ok := strings.CutSuffix(w, suffix); ok && len(s) > 2 {
			w = s
			break
		}
	}
	if s, ok := strings.CutSuffix(w, "e"); ok && len(s) > 2 {
		return s
	}
	return w
}

// unique drops repetitions and what is empty.
func unique(list []string) []string {
	seen := map[string]bool{"": true}
	var kept []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}

func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w], m[stem(w)] = true, true
	}
	return m
}

var stopWords = set(`a about after all an and any are as at be because been but by can could did do does for from get had
has have how i if in into is it its just may me more my no not of on one only or our out so some than that the their them
then there these they this to under up very was we were what when where which while who why will with would you your
في من على الى عن ما ماذا هل هو هي هذا هذه التي الذي كيف متى اين كم ان او ثم لا لم قد كان كل`)
