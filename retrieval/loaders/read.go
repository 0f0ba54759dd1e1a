// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/retrieval/index"
)

const bom = "\ufeff"

// fileLimit bounds the time that a loader takes for one file.
const fileLimit = 2 * time.Minute

// read loads one file. Its errors are of the source, but for that of ctx. It
// returns false when loading is over.
func (f file) read(ctx context.Context, yield func(schema.Document, error) bool) bool {
	give := func(doc schema.Document, err error) bool {
		switch {
		case err != nil && ctx.Err() != nil:
			yield(doc, ctx.Err())
			return false
		case err != nil:
			return yield(doc, &index.SourceError{Source: f.source, Err: err})
		}
		metadata := map[string]any{}
		maps.Copy(metadata, doc.Metadata)
		metadata["source"] = f.source
		doc.Metadata = metadata
		return yield(doc, nil)
	}
	if _, own := f.cfg.types[ext(f.name)]; !own && ext(f.name) == ".csv" {
		return f.rows(ctx, give)
	}
	docs, err := f.load(ctx)
	if err != nil {
		return give(schema.Document{}, err)
	}
	for _, doc := range docs {
		if !give(doc, nil) {
			return false
		}
	}
	return true
}

func (f file) load(ctx context.Context) ([]schema.Document, error) {
	data, err := f.data()
	if err != nil {
		return nil, err
	}
	if own := f.cfg.types[ext(f.name)]; own != nil {
		docs, err := guard(ctx, fileLimit, own(bytes.NewReader(data)))
		if err != nil {
			return nil, &Error{"cannot be loaded (" + err.Error() + ")", "repair or remove it", err}
		}
		return docs, nil
	}
	// Editors on Windows put a byte order mark first; it would hide a heading.
	data = bytes.TrimPrefix(data, []byte(bom))
	if ext(f.name) == ".pdf" {
		return loadPDF(ctx, data, f.cfg.max)
	}
	text := string(data)
	if err := checkText(text); err != nil {
		return nil, err
	}
	if e := ext(f.name); e == ".html" || e == ".htm" {
		text = string(htmlText(data))
	}
	// The splitters look for "\n\n", which "\r\n\r\n" does not contain.
	return []schema.Document{{PageContent: strings.ReplaceAll(text, "\r\n", "\n")}}, nil
}

// data reads the file, of which it takes no more than the limit.
func (f file) data() ([]byte, error) {
	opened, err := f.fsys.Open(f.name)
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() { _ = opened.Close() }()
	data, err := io.ReadAll(io.LimitReader(opened, f.cfg.max+1))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case int64(len(data)) > f.cfg.max:
		return nil, tooLarge("is", f.cfg.max)
	}
	return data, nil
}

func checkText(text string) error {
	const hint = "save it as UTF-8 text"
	if !utf8.ValidString(text) {
		return &Error{"is not valid UTF-8", hint, nil}
	}
	// UTF-16 without accents passes for UTF-8 with a zero in each second byte.
	if strings.IndexByte(text, 0) >= 0 {
		return &Error{"is not text (it holds zero bytes)", hint, nil}
	}
	return nil
}

func loadPDF(ctx context.Context, data []byte, limit int64) ([]schema.Document, error) {
	if len(data) == 0 {
		return nil, &Error{"is empty", "remove it", nil}
	}
	docs, err := guard(ctx, fileLimit, pdfLoader{data, limit})
	switch {
	case errors.Is(err, errTooLarge):
		return nil, tooLarge("unfolds to a size that is", limit)
	case errors.Is(err, pdfcpu.ErrWrongPassword):
		return nil, &Error{"is encrypted", "remove its password", err}
	case err != nil:
		return nil, &Error{"is not a PDF that can be read (" + err.Error() + ")", "save it again, or as text", err}
	case len(docs) == 0:
		return nil, &Error{"holds no text", "remove it, or run text recognition first if it holds scanned pages", nil}
	}
	return docs, nil
}

var errTooLong = errors.New("it takes too long")

// guard turns panics of a loader into errors and stops waiting when ctx or the
// limit ends. A loader of the user's may not listen to ctx: one that hangs goes on
// in its goroutine until the program ends.
func guard(ctx context.Context, limit time.Duration, l index.Loader) ([]schema.Document, error) {
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
				r.err = fmt.Errorf("%v", p)
			}
			done <- r
		}()
		r.docs, r.err = l.Load(ctx)
	}()
	select {
	case r := <-done:
		return r.docs, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
