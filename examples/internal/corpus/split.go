// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
)

// Split cuts documents into chunks of about chunkSize characters; a chunk of
// markdown can be longer by overlap and by the headings above it, which it
// repeats. Metadata is kept, "chunk" is added: the index of the chunk within its
// source, pages of a PDF counted through. The documents are not changed.
func Split(docs []schema.Document, chunkSize, overlap int) ([]schema.Document, error) {
	if chunkSize <= 0 || overlap < 0 || overlap >= chunkSize {
		return nil, fmt.Errorf("corpus: chunk size %d with overlap %d: want a size above 0 and an overlap from 0 to below the size", chunkSize, overlap)
	}
	size := []textsplitter.Option{textsplitter.WithChunkSize(chunkSize), textsplitter.WithChunkOverlap(overlap)}
	plain := textsplitter.NewRecursiveCharacter(size...)
	verbatim := textsplitter.NewRecursiveCharacter(append(slices.Clone(size),
		textsplitter.WithSeparators([]string{"\n# ", "\n## ", "\n### ", "\n\n", "\n", " ", ""}),
		textsplitter.WithKeepSeparator(true))...)
	// Without WithCodeBlocks the splitter drops all code.
	md := markdownSplitter{verbatim: verbatim, TextSplitter: textsplitter.NewMarkdownTextSplitter(append(slices.Clone(size),
		textsplitter.WithCodeBlocks(true),
		textsplitter.WithReferenceLinks(true),
		textsplitter.WithHeadingHierarchy(true),
		textsplitter.WithJoinTableRows(true))...)}

	next := make(map[string]int)
	var out []schema.Document
	for _, doc := range docs {
		source, _ := doc.Metadata["source"].(string)
		var splitter textsplitter.TextSplitter = plain
		if e := ext(path.Base(source)); e == ".md" || e == ".markdown" {
			splitter = md
		}
		chunks, err := textsplitter.SplitDocuments(splitter, []schema.Document{doc})
		if err != nil {
			return nil, fmt.Errorf("corpus: split %q: %w", source, err)
		}
		for _, c := range chunks {
			if strings.TrimSpace(c.PageContent) == "" {
				continue
			}
			c.Metadata["chunk"] = next[source]
			next[source]++
			out = append(out, c)
		}
	}
	return out, nil
}

// markdownSplitter falls back to cutting the source as it stands when the
// markdown splitter loses words: it drops code inside lists, raw HTML and more.
type markdownSplitter struct {
	textsplitter.TextSplitter
	verbatim textsplitter.TextSplitter
}

func (s markdownSplitter) SplitText(text string) (chunks []string, err error) {
	chunks, err = s.TextSplitter.SplitText(text)
	if err != nil || losesWords(text, chunks) {
		return s.verbatim.SplitText(text)
	}
	return chunks, nil
}

var reComment = regexp.MustCompile(`(?s)<!--.*?-->`)

func losesWords(text string, chunks []string) bool {
	kept := make(map[string]bool)
	for _, c := range chunks {
		for _, w := range wordsOf(c) {
			kept[w] = true
		}
	}
	return slices.ContainsFunc(wordsOf(reComment.ReplaceAllString(text, "")), func(w string) bool { return !kept[w] })
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
}
