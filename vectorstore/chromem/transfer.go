// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/tmc/langchaingo/vectorstores"
)

// Export writes the documents of all collections to w, or with
// [vectorstores.WithNameSpace] those of one, with ids, metadata and vectors, for
// [Store.Import]. The format is that of the files of [WithPersistence],
// compressed if the store is ([WithCompression]). Each collection is written as
// it is at one moment. After an error, what was written is no export: Import
// refuses it.
//
// The errors are [ErrClosed], those of the context and of w, and
// [ErrUnsupportedOptions] for filters or a score threshold.
func (s *Store) Export(ctx context.Context, w io.Writer, opts ...vectorstores.Option) error {
	o := callOptions(opts)
	if err := refuse(o, "Export", false); err != nil {
		return err
	}
	if err := s.begin(ctx, "export"); err != nil {
		return err
	}
	names := []string{o.NameSpace}
	if o.NameSpace == "" {
		names = s.names()
	}
	if err := s.export(ctx, w, names); err != nil {
		return fmt.Errorf("chromem: export: %w", err)
	}
	return nil
}

func (s *Store) export(ctx context.Context, w io.Writer, names []string) error {
	out, err := newSegmentWriter(w, s.compress)
	if err != nil {
		return err
	}
	for _, name := range names {
		docs, err := s.matching(name, Filter{})
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := out.add(putRecord(name, doc)); err != nil {
				return err
			}
		}
	}
	return out.close()
}

// Import adds the documents of an [Store.Export], compressed or not, to the
// collections they were in, or with [vectorstores.WithNameSpace] only those of
// one collection, and returns how many these are. Documents with the same id
// are replaced, others stay. Nothing is embedded.
//
// It reads r to its end, and adds all documents or none. The errors are
// [ErrDamaged] for what is no complete export, [ErrDimension], [ErrClosed],
// [ErrUnsupportedOptions] as for Export, and those of the context, of r, and of
// writing files. Import only what you trust as you trust your own data: checksums
// tell damage, not malice.
func (s *Store) Import(ctx context.Context, r io.Reader, opts ...vectorstores.Option) (int, error) {
	o := callOptions(opts)
	if err := refuse(o, "Import", false); err != nil {
		return 0, err
	}
	if err := s.begin(ctx, "import"); err != nil {
		return 0, err
	}
	docs, err := readExport(ctx, r, o.NameSpace)
	if err != nil {
		return 0, err
	}
	if docs.len() == 0 {
		return 0, nil
	}
	if err := s.lockToWrite(ctx, "import"); err != nil {
		return 0, err
	}
	defer s.writing.Unlock()
	var changes []change
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		put := slices.Collect(maps.Values(docs[name]))
		if err := s.checkDimension(ctx, name, put[0].Embedding); err != nil {
			return 0, err
		}
		changes = append(changes, change{collection: name, put: put})
	}
	if err := s.commit(ctx, changes, s.compress, s.concurrency); err != nil {
		return 0, err
	}
	return docs.len(), nil
}

// readExport returns the documents of one collection, or for "" of all.
func readExport(ctx context.Context, r io.Reader, name string) (documents, error) {
	docs := documents{}
	source := &errorReader{r: r}
	err := decodeSegment(bufio.NewReaderSize(source, bufferSize), func(r record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if name != "" && r.Collection != name {
			return nil
		}
		return docs.replay(r)
	})
	switch {
	case err == nil:
	case ctx.Err() != nil || source.err != nil || errors.Is(err, errNewer):
		return nil, fmt.Errorf("chromem: import: %w", err)
	default:
		return nil, fmt.Errorf("%w: import: %w: export it again", ErrDamaged, err)
	}
	if err := docs.checkDimensions(); err != nil {
		return nil, fmt.Errorf("chromem: import: %w", err)
	}
	return docs, nil
}

// errorReader remembers that reading failed, which is not damage.
type errorReader struct {
	r   io.Reader
	err error
}

func (e *errorReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		e.err = err
	}
	return n, err
}
