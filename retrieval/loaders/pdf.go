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
	// maxPDFContainers bounds arrays and dictionaries that are not compressed. Images
	// have such bytes by chance.
	maxPDFContainers = 1 << 20
	chance           = 64
	// maxObjectStream bounds the bytes of compressed objects that stand together, and
	// objectCost is how much more memory they take when they are read.
	maxObjectStream = 8 << 20
	objectCost      = 32
	// maxInflation is how much is decoded of all streams together, as a multiple of
	// what a file may have.
	maxInflation = 8
)

var (
	errNoPages  = errors.New("it has no pages")
	errPageTree = errors.New("its tree of pages leads back to itself or is too deep")
)

// pdfLoader reads the text of a PDF. The library that langchaingo's loader uses has
// no limits: a small file can overflow its stack or take all memory.
type pdfLoader struct {
	data []byte
	max  int64 // bytes of one decoded stream, and of all text
}

// Load returns a document for each page with text.
func (l pdfLoader) Load(ctx context.Context) ([]schema.Document, error) {
	if containers := bytes.Count(l.data, []byte("[")) + bytes.Count(l.data, []byte("<<")); containers > maxPDFContainers+len(l.data)/chance {
		return nil, errTooLarge
	}
	file, err := pdfcpu.ReadWithContext(ctx, &contextReader{bytes.NewReader(l.data), ctx}, l.configuration())
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	p := pdfFile{Context: file, ctx: ctx, max: l.max, left: maxInflation * l.max, fonts: map[int]*font{}, seen: map[int]bool{}}
	root, err := file.Pages()
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, errNoPages
	}
	if err := p.walk(*root, nil, 0); err != nil {
		return nil, err
	}
	left := int(l.max)
	var docs []schema.Document
	for i, page := range p.pages {
		text, err := p.text(page, left)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", i+1, err)
		}
		left -= len(text)
		if text != "" {
			docs = append(docs, schema.Document{PageContent: text, Metadata: map[string]any{"page": i + 1, "total_pages": len(p.pages)}})
		}
	}
	return docs, nil
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
	fonts map[int]*font // by the number of the object
	seen  map[int]bool  // inner nodes of the tree, and streams of objects, by number
	pages []page
}

type page struct {
	dict, resources types.Dict
}

// walk lists the pages at and below a node of the tree.
func (f *pdfFile) walk(node types.Object, resources types.Dict, depth int) error {
	if depth > maxPDFDepth {
		return errPageTree
	}
	dict, err := f.dict(node)
	if err != nil || dict == nil {
		return err
	}
	if own, err := f.dict(dict["Resources"]); err == nil && own != nil {
		resources = own
	}
	kids, err := f.array(dict["Kids"])
	if err != nil {
		return err
	}
	if kids == nil {
		f.pages = append(f.pages, page{dict, resources})
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

// text returns what a page shows, at most limit bytes.
func (f *pdfFile) text(p page, limit int) (string, error) {
	content, err := f.object(p.dict["Contents"])
	if err != nil {
		return "", err
	}
	streams, ok := content.(types.Array)
	if !ok {
		streams = types.Array{content}
	}
	var all []byte // a token may not go on in the next stream, but an array may
	for _, s := range streams {
		part, err := f.decode(s)
		if err != nil {
			return "", err
		}
		all = append(append(all, part...), '\n')
	}
	fonts, err := f.dict(p.resources["Font"])
	if err != nil {
		return "", err
	}
	w := textWriter{limit: limit}
	err = showText(all, &w, func(name string) (*font, error) { return f.font(fonts[name]) })
	text := strings.ReplaceAll(string(w.out), "\x00", "") // stores refuse it
	return strings.TrimSpace(strings.ToValidUTF8(text, "\ufffd")), err
}

// decode returns the data of a stream, and nothing of another object.
func (f *pdfFile) decode(o types.Object) ([]byte, error) {
	if f.ctx.Err() != nil {
		return nil, f.ctx.Err()
	}
	o, err := f.object(o)
	if err != nil {
		return nil, err
	}
	s, ok := o.(types.StreamDict)
	if !ok {
		return nil, nil
	}
	return f.inflate(s)
}

// inflate takes the data of a damaged stream up to the damage.
func (f *pdfFile) inflate(s types.StreamDict) ([]byte, error) {
	limit := min(f.max, f.left)
	if limit <= 0 {
		return nil, errTooLarge
	}
	err := s.DecodeWithLimit(limit)
	f.left -= int64(len(s.Content))
	switch {
	case errors.Is(err, filter.ErrDecodeLimitExceeded):
		return nil, errTooLarge
	case err != nil && !filter.IsCorruptFlateInput(err) && !errors.Is(err, zlib.ErrChecksum) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	}
	return s.Content, nil
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
	if n := *entry.ObjectStream; !f.seen[n] {
		f.seen[n] = true
		if around, ok := f.Table[n]; ok {
			if s, ok := around.Object.(types.ObjectStreamDict); ok {
				if _, err := f.inflate(s.StreamDict); err != nil {
					return nil, err
				}
			}
		}
	}
	if lazy, ok := entry.Object.(types.LazyObjectStreamObject); ok {
		data, err := lazy.GetData()
		if err != nil {
			return nil, err
		}
		if f.left -= objectCost * int64(len(data)); f.left <= 0 {
			return nil, errTooLarge
		}
	}
	return f.Dereference(ref)
}

func (f *pdfFile) dict(o types.Object) (types.Dict, error) {
	o, err := f.object(o)
	if s, ok := o.(types.StreamDict); ok {
		return s.Dict, err
	}
	dict, _ := o.(types.Dict)
	return dict, err
}

func (f *pdfFile) array(o types.Object) (types.Array, error) {
	o, err := f.object(o)
	array, _ := o.(types.Array)
	return array, err
}
