// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/spanloom/spanloom/retrieval/index"
)

// File is a whole document, all pages of it, or what is wrong with it.
type File struct {
	Name, Text string
	Err        error
}

// FilesInDir loads the documents below dir as [LoadDir] does, one File each. One
// that cannot be read does not keep the others from being loaded: it has an Err.
// The error is about the folder.
func FilesInDir(ctx context.Context, dir string, progress func(file string, n, total int)) ([]File, error) {
	return folder(dir).files(ctx, progress)
}

// FilesInFS is [FilesInDir] for a file system.
func FilesInFS(ctx context.Context, fsys fs.FS, progress func(file string, n, total int)) ([]File, error) {
	return embedded(fsys).files(ctx, progress)
}

func (s source) files(ctx context.Context, progress func(string, int, int)) ([]File, error) {
	total, err := s.count(ctx)
	if total == 0 {
		return nil, err
	}
	var out []File
	for doc, err := range s.documents(ctx, total, progress) {
		name, _ := doc.Metadata["source"].(string)
		if e, ok := errors.AsType[*index.SourceError](err); ok {
			name = strings.TrimSuffix(e.Source, "/")
		}
		if err != nil && name == "" {
			return nil, explain(err, s.show) // about none of the files
		}
		if n := len(out); n == 0 || out[n-1].Name != name {
			out = append(out, File{Name: name})
		}
		f := &out[len(out)-1]
		if err != nil {
			f.Err = errors.Join(f.Err, explain(err, s.show))
			continue
		}
		if f.Text != "" {
			f.Text += "\n\n" // the next page
		}
		f.Text += doc.PageContent
	}
	return out, ctx.Err()
}
