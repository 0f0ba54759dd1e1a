// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/tmc/langchaingo/documentloaders"
)

// font decodes the strings that are shown in it. A nil font shows the bytes.
type font struct {
	codeLength int // bytes of a code: 1 or 2
	texts      map[int]string
}

const (
	maxChars   = 1 << 17 // entries of a ToUnicode stream
	maxLetters = 32      // of a code
)

// font returns the font that o describes.
func (f *pdfFile) font(o types.Object) *font {
	ref, shared := o.(types.IndirectRef)
	if known := f.fonts[ref.ObjectNumber.Value()]; shared && known != nil {
		return known
	}
	dict := get[types.Dict](f, o)
	if dict == nil {
		return nil
	}
	font := &font{codeLength: 1, texts: map[int]string{}}
	if kind := dict.Subtype(); kind != nil && *kind == "Type0" {
		font.codeLength = 2
	} else {
		f.readEncoding(font, dict["Encoding"])
	}
	font.readToUnicode(f.decode(dict["ToUnicode"]))
	if shared {
		f.fonts[ref.ObjectNumber.Value()] = font
	}
	return font
}

// show writes the text of a string that is shown in the font.
func (f *font) show(w *textWriter, s string) {
	if f == nil {
		w.out = append(w.out, s...)
		return
	}
	for len(s) > 0 && len(w.out) <= w.limit {
		n := min(f.codeLength, len(s))
		text, ok := f.texts[f.code(s[:n])]
		if !ok {
			text = string(utf8.RuneError)
		}
		w.out = append(w.out, text...)
		s = s[n:]
	}
}

// code returns a number. It is negative if the font has no codes of this length.
func (f *font) code(s string) int {
	switch {
	case len(s) != f.codeLength:
		return math.MinInt
	case len(s) == 1:
		return int(s[0])
	}
	return int(s[0])<<8 | int(s[1])
}

// readToUnicode adds what a ToUnicode stream says. What is malformed or too much is
// left out.
func (f *font) readToUnicode(stream string) {
	left := maxChars
	// add gives a text to the codes from low on, the last letter growing with them.
	add := func(low, high int, text string) {
		units := make([]uint16, min(len(text)/2, maxLetters))
		for i := range units {
			units[i] = uint16(text[2*i])<<8 | uint16(text[2*i+1])
		}
		for code := low; 0 <= code && code <= high && left > 0; code++ {
			left--
			f.texts[code] = string(utf16.Decode(units))
			if len(units) > 0 {
				units[len(units)-1]++
			}
		}
	}
	scan := pdfScanner{rest: stream}
	for operator, ok := scan.operator(); ok; operator, ok = scan.operator() {
		switch o := scan.operands; operator {
		case "endbfchar":
			for ; len(o) >= 2; o = o[2:] {
				code := f.code(stringOf(o[0]))
				add(code, code, stringOf(o[1]))
			}
		case "endbfrange":
			for len(o) >= 3 {
				low, high, text := f.code(stringOf(o[0])), f.code(stringOf(o[1])), o[2]
				if o = o[3:]; text != nil {
					add(low, high, stringOf(text))
					continue
				}
				n := max(0, slices.Index(o, nil)) // It ends a list of texts.
				for i, text := range o[:n] {
					add(low+i, low+i, stringOf(text))
				}
				o = o[min(n+1, len(o)):]
			}
		}
	}
}

// codesPDF is a file whose page shows each byte once, up to where its font begins.
//
//go:embed codes.pdf.part
var codesPDF string

// readEncoding adds what the bytes stand for. The PDF library of langchaingo has the
// tables and the names of the glyphs. It is given a file of our own.
func (f *pdfFile) readEncoding(font *font, o types.Object) {
	encoding := ""
	switch e := f.object(o).(type) {
	case types.Name:
		encoding = "/Encoding" + e.PDFString()
	case types.Dict:
		list := get[types.Array](f, e["Differences"])
		encoding = "/Encoding<</Differences" + list[:min(len(list), 2*256)].PDFString() + ">>" // 256 codes and names
	}
	file := fmt.Sprintf("%s<</Type/Font/Subtype/Type1%s>>\nendobj\nstartxref\n%d\n%%%%EOF\n", codesPDF, encoding, strings.Index(codesPDF, "xref"))
	docs, err := documentloaders.NewPDF(strings.NewReader(file), int64(len(file))).Load(f.ctx)
	if err != nil || len(docs) != 1 {
		f.err = cmp.Or(f.err, errors.Join(errors.New("a font has an encoding that cannot be read"), err))
		return
	}
	for code, r := range []rune(docs[0].PageContent) {
		font.texts[code] = string(r)
	}
}
