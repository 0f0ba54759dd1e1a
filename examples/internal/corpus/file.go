// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/schema"
)

// pdfLimit bounds one PDF: the library can loop for ever over a damaged page
// tree.
const pdfLimit = 2 * time.Minute

func loadFile(ctx context.Context, fsys fs.FS, name, shown string) ([]schema.Document, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, unreadable(shown, err)
	}
	// Editors on Windows put a byte order mark first; it would hide a heading.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &Error{shown, "is empty", "write something into it or remove it", nil}
	}

	var docs []schema.Document
	switch ext(name) {
	case ".pdf":
		docs, err = loadPDF(ctx, data, shown)
	case ".html", ".htm":
		docs, err = loadHTML(ctx, data, shown)
	default:
		docs, err = loadText(ctx, data, shown)
	}
	if err != nil {
		return nil, err
	}
	docs = slices.DeleteFunc(docs, func(d schema.Document) bool { return strings.TrimSpace(d.PageContent) == "" })
	if len(docs) == 0 {
		return nil, &Error{shown, "holds no text", "remove it, or run text recognition first if it holds scanned pages", nil}
	}
	for i := range docs {
		if docs[i].Metadata == nil {
			docs[i].Metadata = make(map[string]any)
		}
		docs[i].Metadata["source"] = name
	}
	return docs, nil
}

func loadText(ctx context.Context, data []byte, shown string) ([]schema.Document, error) {
	if err := checkText(data, shown); err != nil {
		return nil, err
	}
	// The splitters look for "\n\n", which "\r\n\r\n" does not contain.
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	docs, err := documentloaders.NewText(bytes.NewReader(data)).Load(ctx)
	if err != nil {
		return nil, unreadable(shown, err)
	}
	return docs, nil
}

func checkText(data []byte, shown string) error {
	const hint = "save it as UTF-8 text"
	if !utf8.Valid(data) {
		return &Error{shown, "is not valid UTF-8", hint, nil}
	}
	// UTF-16 without accents passes for UTF-8 with a zero in each second byte.
	if bytes.IndexByte(data, 0) >= 0 {
		return &Error{shown, "is not text (it holds zero bytes)", hint, nil}
	}
	return nil
}

var (
	reUnseen = regexp.MustCompile(`(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<template\b.*?</template\s*>`)
	reBlock  = regexp.MustCompile(`(?i)</(?:p|div|ul|ol|h[1-6]|table|section|article|header|footer|blockquote|pre)\s*>`)
	reLine   = regexp.MustCompile(`(?i)</(?:li|tr|dt|dd)\s*>|<br\b[^>]*>`)
	reItem   = regexp.MustCompile(`(?i)<li\b[^>]*>`)
	reCell   = regexp.MustCompile(`(?i)</t[dh]\s*>`)
	reGap    = regexp.MustCompile(`[ \t]*\n(?:[ \t]*\n)+`)
)

// loadHTML works around three traits of the loader: it reads scripts and styles
// as text, it glues blocks together without a space, and it sanitises the text
// once more as if it were HTML, so that "&lt;T&gt;" would vanish and "&" come
// out as "&amp;". Escaping "&" beforehand and unescaping afterwards makes that
// second pass harmless.
func loadHTML(ctx context.Context, data []byte, shown string) ([]schema.Document, error) {
	if err := checkText(data, shown); err != nil {
		return nil, err
	}
	s := strings.ReplaceAll(string(data), "\r\n", "\n")
	s = reUnseen.ReplaceAllString(s, "")
	s = reBlock.ReplaceAllString(s, "$0\n\n")
	s = reLine.ReplaceAllString(s, "$0\n")
	s = reItem.ReplaceAllString(s, "$0- ")
	s = reCell.ReplaceAllString(s, "$0 ")
	s = strings.ReplaceAll(s, "&", "&amp;")
	docs, err := documentloaders.NewHTML(strings.NewReader(s)).Load(ctx)
	if err != nil {
		return nil, &Error{shown, "is not HTML that can be read (" + err.Error() + ")", "repair it or save it as text", err}
	}
	for i, d := range docs {
		docs[i].PageContent = strings.TrimSpace(reGap.ReplaceAllString(html.UnescapeString(d.PageContent), "\n\n"))
	}
	return docs, nil
}

func loadPDF(ctx context.Context, data []byte, shown string) ([]schema.Document, error) {
	docs, err := guard(ctx, pdfLimit, func() ([]schema.Document, error) {
		return documentloaders.NewPDF(bytes.NewReader(data), int64(len(data))).Load(ctx)
	})
	switch {
	case err == nil:
		return docs, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	hint := "save it again as PDF 1.7 or older, or as text"
	if strings.Contains(err.Error(), "encrypted") {
		hint = "remove its password"
	}
	return nil, &Error{shown, "is not a PDF that can be read (" + err.Error() + ")", hint, err}
}

var errTooLong = errors.New("it takes too long")

// guard turns panics of load into errors and stops waiting when ctx or the
// limit ends. The library cannot be interrupted: a load that hangs goes on in
// its goroutine until the program ends.
func guard(ctx context.Context, limit time.Duration, load func() ([]schema.Document, error)) ([]schema.Document, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTooLong)
	defer cancel()
	type result struct {
		docs []schema.Document
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r = result{err: fmt.Errorf("%v", p)}
			}
			done <- r
		}()
		r.docs, r.err = load()
	}()
	select {
	case r := <-done:
		return r.docs, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
