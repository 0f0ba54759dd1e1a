// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"cmp"
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
	maxPDFDepth   = 100     // of arrays in arrays, and of a page in the tree
	maxPDFObjects = 1 << 20 // also compressed ones
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
	if err = cmp.Or(ctx.Err(), err); err != nil {
		return nil, err
	}
	f := pdfFile{Context: file, ctx: ctx, max: l.max, left: maxInflation * l.max, text: int(l.max), fonts: map[int]*font{}, seen: map[int]bool{}}
	root, err := file.Pages()
	if err != nil || root == nil {
		return nil, errors.Join(errors.New("it has no pages"), err)
	}
	f.walk(*root, nil, 0)
	for _, doc := range f.docs {
		doc.Metadata["total_pages"] = f.pages
	}
	return f.docs, f.err
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

// pdfFile is a file whose objects are known. After an error it gives nothing more.
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
	err   error // the first one
}

// walk reads the pages at and below a node of the tree.
func (f *pdfFile) walk(node types.Object, resources types.Dict, depth int) {
	dict := get[types.Dict](f, node)
	if own := get[types.Dict](f, dict["Resources"]); own != nil {
		resources = own
	}
	kids := get[types.Array](f, dict["Kids"])
	ref, _ := node.(types.IndirectRef)
	n := ref.ObjectNumber.Value() // No object has the number 0.
	switch {
	case f.err != nil || dict == nil:
	case kids == nil:
		f.page(dict, resources)
	case depth > maxPDFDepth || f.seen[n]:
		f.err = errPageTree
	default:
		f.seen[n] = n != 0
		for _, kid := range kids {
			f.walk(kid, resources, depth+1)
		}
	}
}

// page adds a document for a page with text.
func (f *pdfFile) page(dict, resources types.Dict) {
	f.pages++
	fonts := get[types.Dict](f, resources["Font"])
	w := textWriter{limit: f.text}
	err := showText(f.content(dict["Contents"]), &w, func(name string) *font { return f.font(fonts[name]) })
	if err = cmp.Or(f.err, err); err != nil {
		f.err = fmt.Errorf("page %d: %w", f.pages, err)
		return
	}
	text := strings.ReplaceAll(string(w.out), "\x00", "") // stores refuse it
	if text = strings.TrimSpace(strings.ToValidUTF8(text, "\ufffd")); text != "" {
		f.text -= len(text)
		f.docs = append(f.docs, schema.Document{PageContent: text, Metadata: map[string]any{"page": f.pages}})
	}
}

// content joins the streams of a page.
func (f *pdfFile) content(o types.Object) string {
	streams := get[types.Array](f, o)
	if streams == nil {
		streams = types.Array{o}
	}
	var all strings.Builder
	for _, s := range streams {
		all.WriteString(f.decode(s) + "\n") // A token does not go on in the next stream.
	}
	return all.String()
}

// decode returns the data of a stream, and of a damaged one that up to the damage.
func (f *pdfFile) decode(o types.Object) string {
	s := get[types.StreamDict](f, o)
	if s.Raw != nil {
		f.inflate(&s)
	}
	return string(s.Content)
}

func (f *pdfFile) inflate(s *types.StreamDict) {
	limit := min(f.max, f.left)
	if limit <= 0 {
		f.err = errTooLarge
		return
	}
	err := s.DecodeWithLimit(limit)
	f.left -= int64(len(s.Content))
	switch {
	case errors.Is(err, filter.ErrDecodeLimitExceeded):
		f.err = errTooLarge
	case filter.IsCorruptFlateInput(err), errors.Is(err, zlib.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
	default:
		f.err = err
	}
}

// get returns what a reference leads to, or the zero T if that is something else.
func get[T types.Object](f *pdfFile, o types.Object) T {
	t, _ := f.object(o).(T)
	return t
}

// object returns what a reference leads to. The library decodes and reads compressed
// objects only then, and keeps them.
func (f *pdfFile) object(o types.Object) types.Object {
	if f.err = cmp.Or(f.err, f.ctx.Err()); f.err != nil {
		return nil
	}
	ref, ok := o.(types.IndirectRef)
	if !ok {
		return o
	}
	entry, _ := f.FindTableEntryForIndRef(&ref)
	if entry != nil && entry.ObjectStream != nil {
		f.unfold(entry)
	}
	if f.err == nil {
		o, f.err = f.Dereference(ref)
	}
	return o
}

// unfold counts what a compressed object and those beside it take.
func (f *pdfFile) unfold(entry *model.XRefTableEntry) {
	n := *entry.ObjectStream
	if around := f.Table[n]; around != nil && !f.seen[n] {
		f.seen[n] = true
		if s, ok := around.Object.(types.ObjectStreamDict); ok {
			f.inflate(&s.StreamDict)
		}
	}
	if lazy, ok := entry.Object.(types.LazyObjectStreamObject); ok && f.err == nil {
		var data []byte
		data, f.err = lazy.GetData()
		if f.left -= objectCost * int64(len(data)); f.left <= 0 {
			f.err = errTooLarge
		}
	}
}
