// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/tmc/langchaingo/documentloaders"
)

var errEncoding = errors.New("a font has an encoding that cannot be read")

// font decodes the strings that are shown in it. A nil font shows the bytes.
type font struct {
	simple *[256]rune // of a font with codes of one byte
	wide   bool       // the codes have two bytes if the map does not say otherwise
	utf16  bool       // the codes are UTF-16
	chars  charMap
}

// font returns the font that o describes.
func (f *pdfFile) font(o types.Object) (*font, error) {
	if o == nil || f.ctx.Err() != nil {
		return nil, f.ctx.Err()
	}
	ref, shared := o.(types.IndirectRef)
	if known := f.fonts[ref.ObjectNumber.Value()]; shared && known != nil {
		return known, nil
	}
	dict, err := f.dict(o)
	if err != nil {
		return nil, err
	}
	font := &font{wide: dict.Subtype() != nil && *dict.Subtype() == "Type0"}
	encoding, err := f.object(dict["Encoding"])
	if err != nil {
		return nil, err
	}
	if font.wide {
		name, _ := encoding.(types.Name)
		font.utf16 = strings.Contains(string(name), "UCS2") || strings.Contains(string(name), "UTF16")
	} else if font.simple, err = f.simpleEncoding(encoding); err != nil {
		return nil, err
	}
	if dict["ToUnicode"] != nil {
		data, err := f.decode(dict["ToUnicode"])
		if err != nil {
			return nil, err
		}
		font.chars = readCharMap(data)
	}
	if shared {
		f.fonts[ref.ObjectNumber.Value()] = font
	}
	return font, nil
}

// show writes the text of a string that is shown in the font.
func (f *font) show(w *textWriter, s string) {
	if f == nil {
		w.write(s)
		return
	}
	for len(s) > 0 && len(w.out) <= w.limit {
		n := f.codeLength(s)
		code := s[:n]
		s = s[n:]
		text, ok := f.chars.texts[code]
		switch {
		case ok:
		case f.utf16:
			text = utf16Text(code)
		case f.wide:
			text = string(utf8.RuneError)
		default:
			text = string(f.simple[code[0]])
		}
		w.write(text)
	}
}

func (f *font) codeLength(s string) int {
	if !f.wide {
		return 1
	}
	if f.utf16 && s[0]&0xfc == 0xd8 { // the first half of a pair
		return min(4, len(s))
	}
	for n := 1; n <= min(maxCode, len(s)); n++ {
		for _, r := range f.chars.ranges {
			if len(r.low) == n && r.low <= s[:n] && s[:n] <= r.high {
				return n
			}
		}
	}
	return min(2, len(s))
}

// simpleEncoding returns what the bytes stand for. The PDF library of langchaingo
// has the tables and the names of the glyphs. It is given a file of our own, whose
// page shows each byte once.
func (f *pdfFile) simpleEncoding(encoding types.Object) (*[256]rune, error) {
	written := ""
	switch e := encoding.(type) {
	case types.Name:
		written = "/Encoding" + writtenName(string(e))
	case types.Dict:
		differences, err := f.array(e["Differences"])
		if err != nil {
			return nil, err
		}
		written = "/Encoding<</Differences[" + writtenDifferences(differences) + "]>>"
	}
	var codes strings.Builder
	for c := range 256 {
		fmt.Fprintf(&codes, "%02x", c)
	}
	file := writePDF("/Type/Font/Subtype/Type1"+written, "/F 1 Tf<"+codes.String()+">Tj")
	docs, err := documentloaders.NewPDF(bytes.NewReader(file), int64(len(file))).Load(f.ctx)
	if err != nil || len(docs) != 1 {
		return nil, errors.Join(errEncoding, err)
	}
	table := [256]rune{}
	n := 0
	for _, r := range docs[0].PageContent {
		if n < len(table) {
			table[n] = r
			n++
		}
	}
	return &table, nil
}

// writtenDifferences lists the codes and names of glyphs. An encoding has 256 codes.
func writtenDifferences(list types.Array) string {
	var b strings.Builder
	for _, o := range list[:min(len(list), 2*256)] {
		switch o := o.(type) {
		case types.Integer:
			fmt.Fprintf(&b, " %d", o)
		case types.Name:
			b.WriteString(writtenName(string(o)))
		}
	}
	return b.String()
}

// writtenName leaves out a name that would need escapes or is none that a table has.
func writtenName(name string) string {
	const longest = 64
	if len(name) > longest || name == "" {
		return "/.notdef"
	}
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' || c == '#' || strings.IndexByte(pdfDelimiters, c) >= 0 {
			return "/.notdef"
		}
	}
	return "/" + name
}

// writePDF returns a file with one page and one font, F.
func writePDF(font, content string) []byte {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>", "<<" + font + ">>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content),
	}
	var b, table bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, table.String(), len(objects)+1, start)
	return b.Bytes()
}

func utf16Text(s string) string {
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
	}
	return string(utf16.Decode(units))
}
