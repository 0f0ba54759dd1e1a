// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/internal/genai"
)

// Loader gives documents; every langchaingo documentloaders.Loader is one. One
// that is a [Streamer] too is not asked for all documents at once. Package
// retrieval/loaders has loaders for files and folders.
type Loader interface {
	Load(ctx context.Context) ([]schema.Document, error)
}

// Streamer is a [Loader] that gives its documents one after the other, so that
// they need not be in memory together.
type Streamer interface {
	// Documents gives the documents, those of one source together. A
	// [*SourceError] tells of one source that cannot be read, and others follow;
	// any other error is the last element.
	Documents(ctx context.Context) iter.Seq2[schema.Document, error]
}

// LoaderFunc makes a [Loader] that is a [Streamer] of a function: rows of a
// database, for example, or messages.
type LoaderFunc func(ctx context.Context) iter.Seq2[schema.Document, error]

var _ interface {
	Loader
	Streamer
} = LoaderFunc(nil)

// Documents implements [Streamer].
func (f LoaderFunc) Documents(ctx context.Context) iter.Seq2[schema.Document, error] { return f(ctx) }

// Load implements [Loader]: it collects the documents. If sources could not be
// read, the error is a [*PartialError], and the documents are the others.
func (f LoaderFunc) Load(ctx context.Context) ([]schema.Document, error) {
	var docs []schema.Document
	var failed []*SourceError
	for doc, err := range f(ctx) {
		if err == nil {
			docs = append(docs, doc)
			continue
		}
		e, ok := genai.AsType[*SourceError](err)
		if !ok {
			return docs, err
		}
		if !genai.Is(e, ErrSkipped) {
			failed = append(failed, e)
		}
	}
	return docs, partial(failed)
}

// Join makes one loader of several, which are loaded one after the other. See
// that their sources have different names. A nil loader is left out.
func Join(loaders ...Loader) LoaderFunc {
	return func(ctx context.Context) iter.Seq2[schema.Document, error] {
		return func(yield func(schema.Document, error) bool) {
			for _, l := range loaders {
				if l == nil {
					continue
				}
				for doc, err := range documents(ctx, l) {
					if !yield(doc, err) {
						return
					}
					if _, ok := genai.AsType[*SourceError](err); err != nil && !ok {
						return
					}
				}
			}
		}
	}
}

// documents streams what any loader gives.
func documents(ctx context.Context, l Loader) iter.Seq2[schema.Document, error] {
	if s, ok := l.(Streamer); ok {
		return s.Documents(ctx)
	}
	return func(yield func(schema.Document, error) bool) {
		docs, err := l.Load(ctx)
		some, ok := genai.AsType[*PartialError](err)
		if err != nil && !ok {
			yield(schema.Document{}, err)
			return
		}
		for _, doc := range docs {
			if !yield(doc, nil) {
				return
			}
		}
		for i := 0; some != nil && i < len(some.Failed); i++ {
			if !yield(schema.Document{}, some.Failed[i]) {
				return
			}
		}
	}
}

// ErrSkipped in a [*SourceError] says that a loader passed a source over on
// purpose: it is counted, and no error.
var ErrSkipped = errors.New("not a document")

// SourceError is what went wrong with one source.
type SourceError struct {
	// Source is the metadata "source" that its documents have or would have had.
	// With a slash at the end it stands for every source that begins with it.
	Source string
	Err    error
}

func (e *SourceError) Error() string { return e.Source + ": " + e.Err.Error() }

// Unwrap gives the error itself.
func (e *SourceError) Unwrap() error { return e.Err }

// PartialError says which sources could not be read. All others were.
type PartialError struct{ Failed []*SourceError }

// shownSources bounds an error's text: a folder may be full of broken files.
const shownSources = 5

func (e *PartialError) Error() string {
	shown := e.Failed[:min(len(e.Failed), shownSources)]
	texts := make([]string, len(shown))
	for i, f := range shown {
		texts[i] = f.Error()
	}
	count := "1 source"
	if len(e.Failed) > 1 {
		count = fmt.Sprintf("%d sources", len(e.Failed))
	}
	text := "index: " + count + " could not be read: " + strings.Join(texts, "; ")
	if n := len(e.Failed) - len(shown); n > 0 {
		text += fmt.Sprintf("; and %d more", n)
	}
	return text
}

// ErrorType is the error.type of a span: sources may fail for different reasons.
func (*PartialError) ErrorType() string { return "partial" }

// Unwrap gives the error of each source.
func (e *PartialError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f
	}
	return errs
}

func partial(failed []*SourceError) error {
	if len(failed) == 0 {
		return nil
	}
	return &PartialError{failed}
}
