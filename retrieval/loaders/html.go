// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"context"
	"strings"

	"github.com/tmc/langchaingo/schema"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// loadHTML makes a text of the page first: langchaingo's loader reads scripts
// and styles as text, glues blocks and cells together without a space, and
// sanitises the text once more as if it were HTML, so that "&lt;T&gt;" vanishes.
func loadHTML(ctx context.Context, data []byte) ([]schema.Document, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	return loadText(ctx, htmlText(data))
}

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
var gaps = map[atom.Atom]gap{
	atom.P: blankLine, atom.Div: blankLine, atom.Ul: blankLine, atom.Ol: blankLine, atom.Dl: blankLine, atom.Menu: blankLine,
	atom.H1: blankLine, atom.H2: blankLine, atom.H3: blankLine, atom.H4: blankLine, atom.H5: blankLine, atom.H6: blankLine,
	atom.Hgroup: blankLine, atom.Section: blankLine, atom.Article: blankLine, atom.Header: blankLine, atom.Footer: blankLine,
	atom.Nav: blankLine, atom.Main: blankLine, atom.Aside: blankLine, atom.Figure: blankLine, atom.Form: blankLine,
	atom.Fieldset: blankLine, atom.Address: blankLine, atom.Details: blankLine, atom.Dialog: blankLine, atom.Blockquote: blankLine,
	atom.Center: blankLine, atom.Hr: blankLine, atom.Body: blankLine, atom.Frameset: blankLine, atom.Noframes: blankLine,
	atom.Table: blankLine, atom.Pre: blankLine, atom.Listing: blankLine, atom.Xmp: blankLine, atom.Plaintext: blankLine,

	atom.Li: line, atom.Dt: line, atom.Dd: line, atom.Figcaption: line, atom.Legend: line, atom.Summary: line,
	atom.Caption: line, atom.Thead: line, atom.Tbody: line, atom.Tfoot: line, atom.Tr: line,
	atom.Option: line, atom.Optgroup: line, atom.Select: line, atom.Textarea: line,

	atom.Td: space, atom.Th: space, atom.Button: space,
}

// unshown elements have text that browsers do not show. The tokenizer gives that
// of all but a template as one token, whatever tags it holds.
var unshown = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true, atom.Iframe: true, atom.Noembed: true,
}

// verbatim elements keep their white space.
var verbatim = map[atom.Atom]bool{
	atom.Pre: true, atom.Listing: true, atom.Xmp: true, atom.Plaintext: true, atom.Textarea: true,
}

// htmlText reads tokens and builds no tree: no page is too deep for it or takes
// longer than its length.
func htmlText(data []byte) []byte {
	var w htmlWriter
	tokens := html.NewTokenizer(bytes.NewReader(data))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // Only the end: the data is in memory.
			return w.text()
		case html.TextToken:
			w.write(tokens.Text())
		case html.SelfClosingTagToken:
			if w.drawing > 0 { // Elsewhere the slash means nothing.
				tokens.NextIsNotRawText()
				continue
			}
			w.start(tokens, tagOf(tokens))
		case html.StartTagToken:
			w.start(tokens, tagOf(tokens))
		case html.EndTagToken:
			w.close(tagOf(tokens))
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
	item    bool // a list's item has begun, and has no text yet
	lists   int  // open around here, and so on
	drawing int  // or formulas
	hidden  int  // unshown elements
	kept    int  // verbatim elements
	begun   bool // a verbatim element has begun just now
}

func (w *htmlWriter) start(tokens *html.Tokenizer, tag atom.Atom) {
	if tag == atom.Noscript || tag == atom.Noframes {
		tokens.NextIsNotRawText() // No scripts run here.
	}
	w.open(tag)
}

func (w *htmlWriter) open(tag atom.Atom) {
	w.begun = false
	if unshown[tag] {
		w.hidden++
		return
	}
	if tag == atom.Br {
		w.lineBreak()
		return
	}
	w.part(tag)
	switch {
	case isDrawing(tag):
		w.drawing++
	case isList(tag):
		w.lists++
	case tag == atom.Li:
		w.item = true
	case verbatim[tag]:
		w.kept++
		w.begun = true
	}
}

func (w *htmlWriter) close(tag atom.Atom) {
	w.begun = false
	switch {
	case unshown[tag]:
		w.hidden = max(0, w.hidden-1)
		return
	case isDrawing(tag):
		w.drawing = max(0, w.drawing-1)
	case isList(tag):
		w.lists = max(0, w.lists-1)
	case tag == atom.Li:
		w.item = false
	case verbatim[tag]:
		w.kept = max(0, w.kept-1)
	}
	w.part(tag)
}

// isDrawing: what is inside is XML.
func isDrawing(tag atom.Atom) bool { return tag == atom.Svg || tag == atom.Math }

func isList(tag atom.Atom) bool { return tag == atom.Ul || tag == atom.Ol || tag == atom.Menu }

// part separates what comes from what was. A list inside another one is part of
// an item.
func (w *htmlWriter) part(tag atom.Atom) {
	g := gaps[tag]
	if isList(tag) && w.lists > 0 {
		g = line
	}
	if w.hidden == 0 {
		w.between = max(w.between, g)
	}
}

// lineBreak is a line, and a second one in a row a blank line.
func (w *htmlWriter) lineBreak() {
	switch {
	case w.hidden > 0:
	case w.between >= line:
		w.between = blankLine
	default:
		w.between = line
	}
}

const htmlSpace = " \t\n\f\r" // No other: a no-break space is a character.

func (w *htmlWriter) write(text []byte) {
	if w.hidden > 0 {
		return
	}
	if w.kept > 0 {
		w.writeVerbatim(text)
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

// writeVerbatim keeps a text as it is, but for the line end that may follow the
// tag for the sake of the source.
func (w *htmlWriter) writeVerbatim(text []byte) {
	if w.begun {
		text = bytes.TrimPrefix(text, []byte("\n"))
		w.begun = false
	}
	w.append(text)
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
		w.out = append(append(w.out, strings.Repeat("  ", min(max(0, w.lists-1), maxIndent))...), "- "...)
		w.item = false
	}
	w.out = append(w.out, text...)
	w.between = glued
}

// maxIndent bounds what a page of nothing but tags can grow to.
const maxIndent = 8

func (w *htmlWriter) text() []byte { return bytes.TrimSpace(w.out) }
