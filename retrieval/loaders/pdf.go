// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/tmc/langchaingo/schema"
)

const (
	// maxPDFDepth bounds arrays in arrays, and how deep a page stands in the tree.
	maxPDFDepth = 100
	// maxPDFObjects bounds the objects of a file, also of compressed ones.
	maxPDFObjects = 1 << 20
	// maxPDFContainers bounds arrays and dictionaries that are not compressed, with
	// one more in 64 bytes. Images have such bytes by chance.
	maxPDFContainers = 1 << 20
	// maxObjectStream bounds the bytes of compressed objects that stand together, and
	// objectCost is how much more memory they take when they are read.
	maxObjectStream = 8 << 20
	objectCost      = 32
	// maxInflation is how much is decoded of all streams together, as a multiple of
	// what a file may have.
	maxInflation = 8
)

var errPageTree = errors.New("its tree of pages leads back to itself or is too deep")

// pdfLoader reads the text of a PDF. The library that langchaingo's loader uses has
// no limits: a small file can overflow its stack or take all memory.
type pdfLoader struct {
	data []byte
	max  int64 // bytes of one decoded stream, and of all text
}

// Load returns a document for each page with text.
func (l pdfLoader) Load(ctx context.Context) ([]schema.Document, error) {
	if containers := bytes.Count(l.data, []byte("[")) + bytes.Count(l.data, []byte("<<")); containers > maxPDFContainers+len(l.data)/64 {
		return nil, errTooLarge
	}
	file, err := pdfcpu.ReadWithContext(ctx, &contextReader{bytes.NewReader(l.data), ctx}, l.configuration())
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	f := pdfFile{Context: file, ctx: ctx, max: l.max, left: maxInflation * l.max, text: int(l.max), fonts: map[int]*font{}, seen: map[int]bool{}}
	root, err := file.Pages()
	if err != nil || root == nil {
		return nil, errors.Join(errors.New("it has no pages"), err)
	}
	err = f.walk(*root, nil, 0)
	for _, doc := range f.docs {
		doc.Metadata["total_pages"] = f.pages
	}
	return f.docs, err
}

// contextReader ends with its context. The library's repair of a damaged file reads
// each object anew and does not ask.
type contextReader struct {
	*bytes.Reader
	ctx context.Context //nolint:containedctx // it lives as long as Load
}

func (r *contextReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, r.ctx.Err()
	}
	return r.Reader.Read(p)
}

// configuration is not the library's default, which writes into the user's folder
// for settings.
func (l pdfLoader) configuration() *model.Configuration {
	limits := model.DefaultResourceLimits()
	limits.MaxStreamBytes, limits.MaxDecodeBytes = l.max, min(l.max, maxObjectStream)
	limits.MaxRecursionDepth = maxPDFDepth
	limits.MaxObjectCount, limits.MaxXRefEntries, limits.MaxObjectStreamCount = maxPDFObjects, maxPDFObjects, maxPDFObjects
	return &model.Configuration{Reader15: true, Offline: true, ValidationMode: model.ValidationRelaxed, Limits: limits}
}

// pdfFile is a file whose objects are known.
type pdfFile struct {
	*model.Context
	ctx   context.Context //nolint:containedctx // it lives as long as Load
	max   int64
	left  int64         // bytes that may still be decoded
	text  int           // bytes of text that may still come
	fonts map[int]*font // by the number of the object
	seen  map[int]bool  // inner nodes of the tree, and streams of objects, by number
	pages int
	docs  []schema.Document
}

// walk reads the pages at and below a node of the tree.
func (f *pdfFile) walk(node types.Object, resources types.Dict, depth int) error {
	if depth > maxPDFDepth {
		return errPageTree
	}
	dict, err := get[types.Dict](f, node)
	if err != nil || dict == nil {
		return err
	}
	if own, err := get[types.Dict](f, dict["Resources"]); err == nil && own != nil {
		resources = own
	}
	kids, err := get[types.Array](f, dict["Kids"])
	if err != nil {
		return err
	}
	if kids == nil {
		f.pages++
		if err := f.page(dict, resources); err != nil {
			return fmt.Errorf("page %d: %w", f.pages, err)
		}
		return nil
	}
	if ref, ok := node.(types.IndirectRef); ok {
		n := ref.ObjectNumber.Value()
		if f.seen[n] {
			return errPageTree
		}
		f.seen[n] = true
	}
	for _, kid := range kids {
		if err := f.walk(kid, resources, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// page adds a document for a page with text.
func (f *pdfFile) page(dict, resources types.Dict) error {
	content, err := f.content(dict["Contents"])
	if err != nil {
		return err
	}
	fonts, err := get[types.Dict](f, resources["Font"])
	if err != nil {
		return err
	}
	w := textWriter{limit: f.text}
	if err := showText(content, &w, func(name string) (*font, error) { return f.font(fonts[name]) }); err != nil {
		return err
	}
	text := strings.ReplaceAll(string(w.out), "\x00", "") // stores refuse it
	if text = strings.TrimSpace(strings.ToValidUTF8(text, "\ufffd")); text != "" {
		f.text -= len(text)
		f.docs = append(f.docs, schema.Document{PageContent: text, Metadata: map[string]any{"page": f.pages}})
	}
	return nil
}

// content joins the streams of a page.
func (f *pdfFile) content(o types.Object) (string, error) {
	streams, err := get[types.Array](f, o)
	if err != nil {
		return "", err
	}
	if streams == nil {
		streams = types.Array{o}
	}
	var all strings.Builder
	for _, s := range streams {
		part, err := f.decode(s)
		if err != nil {
			return "", err
		}
		all.WriteString(part + "\n") // A token does not go on in the next stream.
	}
	return all.String(), nil
}

// decode returns the data of a stream, and of a damaged one that up to the damage.
func (f *pdfFile) decode(o types.Object) (string, error) {
	s, err := get[types.StreamDict](f, o)
	if err == nil && s.Raw != nil {
		err = f.inflate(&s)
	}
	return string(s.Content), err
}

func (f *pdfFile) inflate(s *types.StreamDict) error {
	if f.ctx.Err() != nil {
		return f.ctx.Err()
	}
	limit := min(f.max, f.left)
	if limit <= 0 {
		return errTooLarge
	}
	err := s.DecodeWithLimit(limit)
	f.left -= int64(len(s.Content))
	switch {
	case errors.Is(err, filter.ErrDecodeLimitExceeded):
		return errTooLarge
	case filter.IsCorruptFlateInput(err), errors.Is(err, zlib.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	}
	return err
}

// get returns what a reference leads to, or the zero T if that is something else.
func get[T types.Object](f *pdfFile, o types.Object) (T, error) {
	o, err := f.object(o)
	t, _ := o.(T)
	return t, err
}

// object returns what a reference leads to. The library decodes and reads compressed
// objects only then, and keeps them.
func (f *pdfFile) object(o types.Object) (types.Object, error) {
	ref, ok := o.(types.IndirectRef)
	if !ok {
		return o, nil
	}
	entry, _ := f.FindTableEntryForIndRef(&ref)
	if entry == nil || entry.ObjectStream == nil {
		return f.Dereference(ref)
	}
	n := *entry.ObjectStream
	if around := f.Table[n]; around != nil && !f.seen[n] {
		f.seen[n] = true
		if s, ok := around.Object.(types.ObjectStreamDict); ok {
			if err := f.inflate(&s.StreamDict); err != nil {
				return nil, err
			}
		}
	}
	if lazy, ok := entry.Object.(types.LazyObjectStreamObject); ok {
		data, err := lazy.GetData()
		if f.left -= objectCost * int64(len(data)); f.left <= 0 {
			err = errTooLarge
		}
		if err != nil {
			return nil, err
		}
	}
	return f.Dereference(ref)
}
