// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/vectorstores"
)

// An export is a line of text, and for each document three texts after their
// lengths: its collection, its id, and its value as in the file of
// [WithPersistence]. An empty collection is the end.
const (
	exportMagic = "spanloom chromem export "
	exportLine  = exportMagic + "1\n"
)

var errNewer = errors.New("it was written by a newer version of this package")

// Export writes the documents of all collections to w, or with
// [vectorstores.WithNameSpace] those of one, with ids, metadata and vectors, for
// [Store.Import], compressed if the store is ([WithCompression]). Each collection
// is written as it is at one moment. Import refuses what is left after an error.
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
	out := bufio.NewWriter(w)
	_, err := out.WriteString(exportLine)
	for _, name := range names {
		found, listErr := s.matching(name, Filter{})
		err = errors.Join(err, listErr)
		for _, r := range found {
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			doc := chromemgo.Document{ID: r.ID, Content: r.Content, Metadata: r.Metadata, Embedding: r.Embedding}
			var value []byte
			if value, err = encodeDocument(name, doc, s.cfg.compress); err == nil {
				_, err = out.Write(appendText(appendText(appendText(nil, name), r.ID), string(value)))
			}
		}
	}
	if err == nil {
		err = out.WriteByte(0)
	}
	if err == nil {
		err = out.Flush()
	}
	return err
}

// Import adds the documents of an [Store.Export] to the collections they were in,
// or with [vectorstores.WithNameSpace] only those of one collection, and returns
// how many these are. Documents with the same id are replaced, others stay.
// Nothing is embedded. It reads r to its end, and adds all documents or none.
// Checksums tell damage, not malice: import only what you trust.
func (s *Store) Import(ctx context.Context, r io.Reader, opts ...vectorstores.Option) (int, error) {
	o := callOptions(opts)
	if err := refuse(o, "Import", false); err != nil {
		return 0, err
	}
	if err := s.begin(ctx, "import"); err != nil {
		return 0, err
	}
	source := &sourceReader{ctx: ctx, r: r}
	docs, n, err := readExport(source, o.NameSpace)
	switch {
	case source.err != nil:
		return 0, fmt.Errorf("chromem: import: %w", source.err)
	case errors.Is(err, errNewer), errors.Is(err, ErrDimension):
		return 0, fmt.Errorf("chromem: import: %w", err)
	case err != nil:
		return 0, fmt.Errorf("%w: import: %w: export it again", ErrDamaged, err)
	case n == 0:
		return 0, nil
	}
	return n, s.put(ctx, "import", docs)
}

// readExport returns the documents of one collection, or for "" of all.
func readExport(source io.Reader, only string) (docs map[string][]chromemgo.Document, n int, err error) {
	in := bufio.NewReader(source)
	line, err := in.ReadSlice('\n')
	switch {
	case string(line) == exportLine:
	case strings.HasPrefix(string(line), exportMagic):
		return nil, 0, errNewer
	default:
		return nil, 0, errors.Join(errors.New("it is no export"), err)
	}
	docs = map[string][]chromemgo.Document{}
	for {
		name, err := readText(in)
		if err != nil {
			return nil, 0, err
		}
		if name == "" {
			break
		}
		doc, err := readEntry(in, name)
		if err != nil {
			return nil, 0, err
		}
		if only != "" && name != only {
			continue
		}
		docs[name] = append(docs[name], doc)
		n++
		if first := docs[name][0]; len(first.Embedding) != len(doc.Embedding) {
			return nil, 0, fmt.Errorf("%w: in collection %q, document %q has a vector of %d and document %q one of %d",
				ErrDimension, name, first.ID, len(first.Embedding), doc.ID, len(doc.Embedding))
		}
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, 0, errors.Join(errors.New("it goes on after its end"), err)
	}
	return docs, n, nil
}

func readEntry(in *bufio.Reader, collection string) (doc chromemgo.Document, err error) {
	id, err := readText(in)
	if err != nil {
		return doc, err
	}
	value, err := readText(in)
	if err != nil {
		return doc, err
	}
	if doc, err = decodeDocument(collection, id, []byte(value)); err != nil {
		err = fmt.Errorf("document %.100q of collection %.100q: %w", id, collection, err)
	}
	return doc, err
}

func readText(in *bufio.Reader) (string, error) {
	length, err := binary.ReadUvarint(in)
	if err != nil {
		return "", fmt.Errorf("it is cut off: %w", err)
	}
	// Not allocated in advance: the length may be the damage.
	b, err := io.ReadAll(io.LimitReader(in, int64(length)))
	if err == nil && uint64(len(b)) != length {
		err = errors.New("it is cut off")
	}
	return string(b), err
}

// sourceReader notes that reading failed or was cancelled, which is no damage.
type sourceReader struct {
	ctx context.Context //nolint:containedctx // Of one call.
	r   io.Reader
	err error
}

func (s *sourceReader) Read(p []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if s.ctx.Err() != nil {
		err = s.ctx.Err()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
