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

// An export is a line, and for each document its collection, its id and its value
// as in the file of [WithPersistence], each after its length. An empty collection
// is the end.
const (
	exportMagic = "spanloom chromem export "
	exportLine  = exportMagic + "1\n"
)

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
				_, err = out.Write(appendEntry(nil, name, r.ID, string(value)))
			}
		}
	}
	if err != nil {
		return err
	}
	_, _ = out.Write(appendEntry(nil, "")) // Flush returns its error.
	return out.Flush()
}

// appendEntry appends each text after its length.
func appendEntry(b []byte, texts ...string) []byte {
	for _, text := range texts {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(text))), text...)
	}
	return b
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
	docs, n, err := readExport(ctx, bufio.NewReader(r), o.NameSpace)
	if err != nil {
		return 0, fmt.Errorf("chromem: import: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	return n, s.put(ctx, "import", docs)
}

// readExport returns the documents of one collection, or for "" of all.
func readExport(ctx context.Context, in *bufio.Reader, only string) (docs map[string][]chromemgo.Document, n int, err error) {
	line, err := in.ReadSlice('\n')
	switch {
	case string(line) == exportLine:
	case err == nil && strings.HasPrefix(string(line), exportMagic):
		return nil, 0, errors.New("it was written by a newer version of this package")
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull):
		return nil, 0, err
	default:
		return nil, 0, fmt.Errorf("%w: it is no export", ErrDamaged)
	}
	docs = map[string][]chromemgo.Document{}
	for {
		name, doc, err := readEntry(in)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, 0, err
		}
		if name == "" {
			break
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
	if _, err := in.ReadByte(); err == nil {
		return nil, 0, fmt.Errorf("%w: it goes on after its end", ErrDamaged)
	} else if !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	return docs, n, nil
}

// readEntry returns the next document, and the collection "" at the end.
func readEntry(in *bufio.Reader) (collection string, doc chromemgo.Document, err error) {
	var id, value string
	if collection, err = readText(in); err != nil || collection == "" {
		return "", doc, err
	}
	if id, err = readText(in); err == nil {
		value, err = readText(in)
	}
	if err != nil {
		return "", doc, err
	}
	if doc, err = decodeDocument(collection, id, []byte(value)); err != nil {
		err = fmt.Errorf("%w: document %.100q of collection %.100q: %w: export it again", ErrDamaged, id, collection, err)
	}
	return collection, doc, err
}

func readText(in *bufio.Reader) (string, error) {
	var head [4]byte
	var b []byte
	_, err := io.ReadFull(in, head[:])
	length := int64(binary.BigEndian.Uint32(head[:]))
	if err == nil {
		// Not allocated in advance: the length may be the damage.
		b, err = io.ReadAll(io.LimitReader(in, length))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err == nil && int64(len(b)) != length {
		return "", fmt.Errorf("%w: it is cut off: export it again", ErrDamaged)
	}
	return string(b), err
}
