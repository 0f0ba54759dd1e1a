// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
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
	data, err := fs.ReadFile(f.fsys, f.name)
	if err != nil {
		return nil, unreadable(err)
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
	switch ext(f.name) {
	case ".pdf":
		return loadPDF(ctx, data)
	case ".html", ".htm":
		if err := checkText(data); err != nil {
			return nil, err
		}
		data = htmlText(data)
	}
	return loadText(data)
}

func loadText(data []byte) ([]schema.Document, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	// The splitters look for "\n\n", which "\r\n\r\n" does not contain.
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	return []schema.Document{{PageContent: text}}, nil
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
	docs, err := guard(ctx, fileLimit, documentloaders.NewPDF(bytes.NewReader(data), int64(len(data))))
	if err != nil {
		hint := "save it again as PDF 1.7 or older, or as text"
		if strings.Contains(err.Error(), "encrypted") {
			hint = "remove its password"
		}
		return nil, &Error{"is not a PDF that can be read (" + err.Error() + ")", hint, err}
	}
	docs = slices.DeleteFunc(docs, func(d schema.Document) bool { return strings.TrimSpace(d.PageContent) == "" })
	if len(docs) == 0 {
		return nil, &Error{"holds no text", "remove it, or run text recognition first if it holds scanned pages", nil}
	}
	return docs, nil
}

var errTooLong = errors.New("it takes too long")

// guard turns panics of a loader into errors and stops waiting when ctx or the
// limit ends. The libraries cannot be interrupted: a load that hangs goes on in
// its goroutine until the program ends.
func guard(ctx context.Context, limit time.Duration, l index.Loader) (docs []schema.Document, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTooLong)
	defer cancel()
	done := make(chan func(), 1) // sets the results
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- func() { err = fmt.Errorf("%v", p) }
			}
		}()
		loaded, failed := l.Load(ctx)
		done <- func() { docs, err = loaded, failed }
	}()
	select {
	case set := <-done:
		set()
		return docs, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
