// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// gap is what must stand between two stretches of text, the least first.
type gap uint8

const (
	glued gap = iota
	space
	line
	blankLine
)

// gaps are those before and behind an element. Elements that are not here are
// parts of a line, as browsers show them.
var gaps = elements(map[string]gap{
	"p div ul ol dl menu h1 h2 h3 h4 h5 h6 hgroup section article header footer nav main aside figure form fieldset": blankLine,
	"address details dialog blockquote center hr body frameset noframes table pre listing xmp plaintext":             blankLine,
	"br li dt dd figcaption legend summary caption thead tbody tfoot tr option optgroup select textarea":             line,
	"td th button": space,
})

// kind is of elements whose text is treated in its own way.
type kind uint8

const (
	_        kind = iota
	unshown       // The tokenizer gives the text of all but a template as one token.
	verbatim      // white space is kept
	list
)

var kinds = elements(map[string]kind{
	"script style title template iframe noembed": unshown,
	"pre listing xmp plaintext textarea":         verbatim,
	"ul ol menu":                                 list,
})

func elements[V any](byNames map[string]V) map[atom.Atom]V {
	byTag := map[atom.Atom]V{}
	for names, v := range byNames {
		for name := range strings.FieldsSeq(names) {
			byTag[atom.Lookup([]byte(name))] = v
		}
	}
	return byTag
}

// htmlText is the text that a browser shows. langchaingo's loader reads scripts
// and styles as text, glues blocks and cells together without a space, and
// sanitises the text once more as if it were HTML, so that "&lt;T&gt;" vanishes.
//
// It reads tokens and builds no tree: no page is too deep for it or takes
// longer than its length.
func htmlText(data []byte) []byte {
	var w htmlWriter
	tokens := html.NewTokenizer(bytes.NewReader(data))
	for {
		switch token := tokens.Next(); token {
		case html.ErrorToken: // Only the end: the data is in memory.
			return bytes.TrimSpace(w.out)
		case html.TextToken:
			w.write(tokens.Text())
		case html.SelfClosingTagToken, html.StartTagToken:
			w.start(tokens, tagOf(tokens), token == html.SelfClosingTagToken)
		case html.EndTagToken:
			w.end(tagOf(tokens))
		}
	}
}

func tagOf(tokens *html.Tokenizer) atom.Atom {
	name, _ := tokens.TagName()
	return atom.Lookup(name)
}

// htmlWriter puts the text together. What stands between two stretches is
// decided when the second one comes.
type htmlWriter struct {
	out     []byte
	between gap
	item    bool          // a list's item has begun, and has no text yet
	open    [list + 1]int // elements of a kind
}

func (w *htmlWriter) start(tokens *html.Tokenizer, tag atom.Atom, closed bool) {
	switch {
	case kinds[tag] == unshown && closed: // Drawings and XHTML have such; elsewhere they are mistakes.
		tokens.NextIsNotRawText()
		return
	case tag == atom.Noscript || tag == atom.Noframes:
		tokens.NextIsNotRawText() // No scripts run here.
	case tag == atom.Br && w.open[unshown] == 0 && w.between >= line:
		w.between = blankLine
		return
	}
	w.part(tag)
	w.open[kinds[tag]]++
	w.item = w.item || tag == atom.Li
}

func (w *htmlWriter) end(tag atom.Atom) {
	w.open[kinds[tag]] = max(0, w.open[kinds[tag]]-1)
	w.item = w.item && tag != atom.Li
	w.part(tag)
}

// part separates what comes from what was. A list inside another one is part of
// an item.
func (w *htmlWriter) part(tag atom.Atom) {
	g := gaps[tag]
	if kinds[tag] == list && w.open[list] > 0 {
		g = line
	}
	if w.open[unshown] == 0 {
		w.between = max(w.between, g)
	}
}

const htmlSpace = " \t\n\f\r" // No other: a no-break space is a character.

func (w *htmlWriter) write(text []byte) {
	if w.open[unshown] > 0 {
		return
	}
	if w.open[verbatim] > 0 {
		if w.between >= line { // The first line end may be that behind the tag.
			text = bytes.TrimPrefix(text, []byte("\n"))
		}
		w.append(text)
		return
	}
	for len(text) > 0 {
		word := bytes.TrimLeft(text, htmlSpace)
		if len(word) < len(text) {
			w.between = max(w.between, space)
		}
		end := bytes.IndexAny(word, htmlSpace)
		if end < 0 {
			end = len(word)
		}
		w.append(word[:end])
		text = word[end:]
	}
}

func (w *htmlWriter) append(text []byte) {
	if len(text) == 0 {
		return
	}
	if len(w.out) > 0 {
		switch w.between {
		case space:
			w.out = append(w.out, ' ')
		case line, blankLine:
			w.out = append(bytes.TrimRight(w.out, htmlSpace), "\n\n"[:w.between-space]...)
		}
	}
	if w.item {
		w.out = append(append(w.out, strings.Repeat("  ", min(max(0, w.open[list]-1), maxIndent))...), "- "...)
		w.item = false
	}
	w.out = append(w.out, text...)
	w.between = glued
}

// maxIndent bounds what a page of nothing but tags can grow to.
const maxIndent = 8
