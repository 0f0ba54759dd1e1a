// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

// maxWords is how long a sentence of the docs may be.
const maxWords = 25

// longSentences are pages that still have longer sentences: a page may leave the list,
// and none may be added.
var longSentences = map[string]bool{"docs/telemetry.md": true}

var (
	tableLine   = regexp.MustCompile(`(?m)^\|.*$`)
	linkTarget  = regexp.MustCompile(`\]\([^)]*\)`)
	htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	paragraph   = regexp.MustCompile(`\n\s*\n|\n\s*(?:[-*]|\d+\.) |\n#+ |\nTest: `)
	sentenceEnd = regexp.MustCompile(`[.!?:](?:["*)]*)\s`)
)

// sentences returns the sentences of a page's prose: code, tables and addresses are left out.
// A colon ends a sentence, too: what follows is a list or a sentence of its own.
func sentences(page string) (list []string) {
	page = tableLine.ReplaceAllString(fenced.ReplaceAllString(page, "\n"), "")
	page = inlineCode.ReplaceAllString(htmlComment.ReplaceAllString(page, ""), "code")
	page = linkTarget.ReplaceAllString(page, "]")
	for _, p := range paragraph.Split("\n"+page, -1) {
		list = append(list, sentenceEnd.Split(p+" ", -1)...)
	}
	return list
}

// words counts what has a letter or a digit.
func words(sentence string) (n int) {
	for word := range strings.FieldsSeq(sentence) {
		if strings.IndexFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0 {
			n++
		}
	}
	return n
}

func TestSentencesAreShort(t *testing.T) {
	for page, text := range pages(t) {
		if page == "CHANGELOG.md" {
			continue
		}
		long := 0
		for _, sentence := range sentences(text) {
			if n := words(sentence); n > maxWords {
				long++
				if !longSentences[page] {
					t.Errorf("%s: %d words: %s", page, n, strings.Join(strings.Fields(sentence), " "))
				}
			}
		}
		assert.False(t, longSentences[page] && long == 0, "%s has no long sentences any more: take it off the list", page)
	}
}

func TestSentences(t *testing.T) {
	assert.Equal(t, 2, words("two — words"))
	long := strings.Repeat("word ", 26)
	for text, want := range map[string]bool{
		long: true, "A. " + long: true, "- a\n- " + long: true, "| " + long + "|": false, "```\n" + long + "\n```": false,
		strings.Repeat("word ", 13) + ". " + strings.Repeat("word ", 13): false, "[" + long + "](x)": true, "`" + long + "`": false,
	} {
		found := false
		for _, sentence := range sentences(text) {
			found = found || words(sentence) > maxWords
		}
		assert.Equal(t, want, found, text)
	}
}
