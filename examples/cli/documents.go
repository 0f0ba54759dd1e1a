// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spanloom/spanloom/docs"
	"github.com/spanloom/spanloom/internal/terminal"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
)

var extensions = []string{".md", ".markdown", ".txt", ".html", ".htm", ".pdf"}

// Documents returns a loader of the documents in dir, or of the project's own
// where dir is empty. It prints its progress. A folder that cannot be used is an
// error of the user's.
func Documents(ctx context.Context, dir string, progress io.Writer) (*loaders.Loader, error) {
	open := func(more ...loaders.Option) *loaders.Loader {
		more = append(more, loaders.WithExtensions(extensions...))
		if dir == "" {
			return loaders.FS(docs.FS, more...)
		}
		return loaders.Folder(dir, more...)
	}
	total := 0
	for source, err := range open().Files(ctx) {
		if _, one := errors.AsType[*index.SourceError](err); err != nil && !one {
			if _, ok := errors.AsType[*loaders.Error](err); ok {
				return nil, Usage(err)
			}
			return nil, err
		}
		if source != "" {
			total++
		}
	}
	if total == 0 {
		return nil, Usage(fmt.Errorf("%s holds no document: put files there that end in %s", dir, strings.Join(extensions, " ")))
	}
	n := 0
	return open(loaders.WithProgress(func(source string) {
		n++
		fmt.Fprintf(progress, "loading %d/%d %s\n", n, total, terminal.Line(source))
	})), nil
}

// File is a whole document, all pages of it, or what is wrong with it.
type File struct {
	Name, Text string
	Err        error
}

// Files loads the documents. One that cannot be read, or has no text, has an Err.
func Files(ctx context.Context, l *loaders.Loader) ([]File, error) {
	var files []File
	for doc, err := range l.Documents(ctx) {
		one, ok := errors.AsType[*index.SourceError](err)
		switch {
		case errors.Is(err, index.ErrSkipped):
			continue
		case ok:
			files = append(files, File{Name: strings.TrimSuffix(one.Source, "/"), Err: err})
			continue
		case err != nil:
			return nil, err
		}
		name, _ := doc.Metadata["source"].(string)
		if n := len(files); n > 0 && files[n-1].Name == name {
			files[n-1].Text += "\n\n" + doc.PageContent // The next page.
			continue
		}
		files = append(files, File{Name: name, Text: doc.PageContent})
	}
	for i, f := range files {
		if f.Err == nil && strings.TrimSpace(f.Text) == "" {
			files[i].Err = fmt.Errorf("%s: is empty: write something into it or remove it", f.Name)
		}
	}
	return files, nil
}
