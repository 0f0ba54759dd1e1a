// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/retrieval/index"
)

const bom = "\ufeff"

// fileLimit bounds one file: the PDF library can loop for ever over a damaged
// page tree.
const fileLimit = 2 * time.Minute

// read loads one file. Its errors are of the source, but for that of ctx.
func (w *walk) read(ctx context.Context, name, source string) iter.Seq2[schema.Document, error] {
	return func(yield func(schema.Document, error) bool) {
		give := func(doc schema.Document, err error) bool {
			switch {
			case err != nil && ctx.Err() != nil:
				err = ctx.Err()
			case err != nil:
				err = &index.SourceError{Source: source, Err: err}
			default:
				metadata := map[string]any{"source": source}
				for k, v := range doc.Metadata {
					if k != "source" {
						metadata[k] = v
					}
				}
				doc.Metadata = metadata
			}
			return yield(doc, err)
		}
		if _, own := w.cfg.types[ext(name)]; !own && ext(name) == ".csv" {
			w.rows(ctx, name, give)
			return
		}
		docs, err := w.load(ctx, name)
		if err != nil {
			give(schema.Document{}, err)
			return
		}
		for _, doc := range docs {
			if !give(doc, nil) {
				return
			}
		}
	}
}

func (w *walk) load(ctx context.Context, name string) ([]schema.Document, error) {
	data, err := fs.ReadFile(w.fsys, name)
	if err != nil {
		return nil, unreadable(err)
	}
	if f := w.cfg.types[ext(name)]; f != nil {
		docs, err := guard(ctx, fileLimit, func() ([]schema.Document, error) { return f(bytes.NewReader(data)).Load(ctx) })
		if err != nil {
			return nil, &Error{"cannot be loaded (" + err.Error() + ")", "repair or remove it", err}
		}
		return docs, nil
	}
	// Editors on Windows put a byte order mark first; it would hide a heading.
	data = bytes.TrimPrefix(data, []byte(bom))
	switch ext(name) {
	case ".pdf":
		return loadPDF(ctx, data)
	case ".html", ".htm":
		return loadHTML(ctx, data)
	}
	return loadText(ctx, data)
}

func loadText(ctx context.Context, data []byte) ([]schema.Document, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	// The splitters look for "\n\n", which "\r\n\r\n" does not contain.
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	docs, err := documentloaders.NewText(bytes.NewReader(data)).Load(ctx)
	if err != nil {
		return nil, unreadable(err)
	}
	return docs, nil
}

func checkText(data []byte) error {
	const hint = "save it as UTF-8 text"
	if !utf8.Valid(data) {
		return &Error{"is not valid UTF-8", hint, nil}
	}
	// UTF-16 without accents passes for UTF-8 with a zero in each second byte.
	if bytes.IndexByte(data, 0) >= 0 {
		return &Error{"is not text (it holds zero bytes)", hint, nil}
	}
	return nil
}

func loadPDF(ctx context.Context, data []byte) ([]schema.Document, error) {
	if len(data) == 0 {
		return nil, &Error{"is empty", "remove it", nil}
	}
	docs, err := guard(ctx, fileLimit, func() ([]schema.Document, error) {
		return documentloaders.NewPDF(bytes.NewReader(data), int64(len(data))).Load(ctx)
	})
	if err != nil {
		hint := "save it again as PDF 1.7 or older, or as text"
		if strings.Contains(err.Error(), "encrypted") {
			hint = "remove its password"
		}
		return nil, &Error{"is not a PDF that can be read (" + err.Error() + ")", hint, err}
	}
	if docs = withText(docs); len(docs) == 0 {
		return nil, &Error{"holds no text", "remove it, or run text recognition first if it holds scanned pages", nil}
	}
	return docs, nil
}

func withText(docs []schema.Document) []schema.Document {
	kept := docs[:0]
	for _, d := range docs {
		if strings.TrimSpace(d.PageContent) != "" {
			kept = append(kept, d)
		}
	}
	return kept
}

var errTooLong = errors.New("it takes too long")

// guard turns panics of load into errors and stops waiting when ctx or the
// limit ends. The libraries cannot be interrupted: a load that hangs goes on in
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
