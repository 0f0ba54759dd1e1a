// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/tmc/langchaingo/documentloaders"
)

var errEncoding = errors.New("a font has an encoding that cannot be read")

// font decodes the strings that are shown in it. A nil font shows the bytes.
type font struct {
	codeLength int               // bytes of a code: 1 or 2
	texts      map[string]string // by code
	left       int               // entries that may still be added
}

const (
	maxChars   = 1 << 17 // entries of a font
	maxLetters = 64      // bytes of the text of a code, in UTF-16
)

// font returns the font that o describes.
func (f *pdfFile) font(o types.Object) (*font, error) {
	if o == nil || f.ctx.Err() != nil {
		return nil, f.ctx.Err()
	}
	ref, shared := o.(types.IndirectRef)
	if known := f.fonts[ref.ObjectNumber.Value()]; shared && known != nil {
		return known, nil
	}
	dict, err := get[types.Dict](f, o)
	if err != nil {
		return nil, err
	}
	font := &font{codeLength: 1, texts: map[string]string{}, left: maxChars}
	if kind := dict.Subtype(); kind != nil && *kind == "Type0" {
		font.codeLength = 2
	} else if err := f.readEncoding(font, dict["Encoding"]); err != nil {
		return nil, err
	}
	data, err := f.decode(dict["ToUnicode"])
	if err != nil {
		return nil, err
	}
	font.readToUnicode(data)
	if shared {
		f.fonts[ref.ObjectNumber.Value()] = font
	}
	return font, nil
}

// show writes the text of a string that is shown in the font.
func (f *font) show(w *textWriter, s string) {
	if f == nil {
		w.out = append(w.out, s...)
		return
	}
	for len(s) > 0 && len(w.out) <= w.limit {
		n := min(f.codeLength, len(s))
		text, ok := f.texts[s[:n]]
		if !ok {
			text = string(utf8.RuneError)
		}
		w.out = append(w.out, text...)
		s = s[n:]
	}
}

// readToUnicode adds what a ToUnicode stream says. What is malformed or too much is
// left out.
func (f *font) readToUnicode(data []byte) {
	scan := pdfScanner{rest: data}
	for {
		operator, ok := scan.operator()
		if !ok {
			return
		}
		switch o := scan.operands; operator {
		case "endbfchar":
			for ; len(o) >= 2; o = o[2:] {
				f.add(o[0].string(), o[1].string())
			}
		case "endbfrange":
			for len(o) >= 3 {
				o = f.addRange(o)
			}
		}
	}
}

func (f *font) add(code, text string) {
	if f.left--; f.left >= 0 && len(code) == f.codeLength && len(text) <= maxLetters {
		f.texts[code] = utf16Text(text)
	}
}

// addRange takes the first code, the last one, and the text of the first one or a
// list of the texts. It returns the operands behind.
func (f *font) addRange(o []pdfToken) []pdfToken {
	code, high, text := []byte(o[0].string()), o[1].string(), o[2]
	o = o[3:]
	if text.kind != pdfDelimiter {
		letters := []byte(text.string())
		for overflow := len(letters) > maxLetters; !overflow && string(code) <= high && f.left > 0; overflow = increment(code) {
			f.add(string(code), string(letters))
			increment(letters)
		}
		return o
	}
	for ; len(o) > 0; increment(code) {
		text, o = o[0], o[1:]
		if text.kind == pdfDelimiter {
			break
		}
		f.add(string(code), text.string())
	}
	return o
}

// increment adds one to a number, and reports whether it began anew.
func increment(number []byte) (overflow bool) {
	for i := len(number) - 1; i >= 0; i-- {
		if number[i]++; number[i] != 0 {
			return false
		}
	}
	return true
}

func utf16Text(s string) string {
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
	}
	return string(utf16.Decode(units))
}

// plainName is that of an encoding or a glyph which a table can have.
var plainName = regexp.MustCompile(`^[\w.-]{1,64}$`)

// readEncoding adds what the bytes stand for. The PDF library of langchaingo has the
// tables and the names of the glyphs. It is given a file of our own, whose page shows
// each byte once.
func (f *pdfFile) readEncoding(font *font, o types.Object) error {
	o, err := f.object(o)
	if err != nil {
		return err
	}
	written := ""
	switch e := o.(type) {
	case types.Name:
		if plainName.MatchString(string(e)) {
			written = "/Encoding/" + string(e)
		}
	case types.Dict:
		differences, err := get[types.Array](f, e["Differences"])
		if err != nil {
			return err
		}
		written = "/Encoding<</Differences[" + writtenDifferences(differences) + "]>>"
	}
	file := codesPDF("/Type/Font/Subtype/Type1" + written)
	docs, err := documentloaders.NewPDF(bytes.NewReader(file), int64(len(file))).Load(f.ctx)
	if err != nil || len(docs) != 1 {
		return errors.Join(errEncoding, err)
	}
	code := []byte{0}
	for _, r := range docs[0].PageContent {
		font.texts[string(code)] = string(r)
		if increment(code) {
			break
		}
	}
	return nil
}

// writtenDifferences lists the codes and names of glyphs. An encoding has 256 codes.
func writtenDifferences(list types.Array) string {
	var b strings.Builder
	for _, o := range list[:min(len(list), 2*256)] {
		switch o := o.(type) {
		case types.Integer:
			fmt.Fprintf(&b, " %d", o)
		case types.Name:
			if !plainName.MatchString(string(o)) {
				o = ".notdef"
			}
			b.WriteString("/" + string(o))
		}
	}
	return b.String()
}

// codesPDF returns a file with one page, which shows each byte in this font.
func codesPDF(font string) []byte {
	var codes, file, table bytes.Buffer
	for c := range 256 {
		fmt.Fprintf(&codes, "%02x", c)
	}
	file.WriteString("%PDF-1.4\n")
	for i, o := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>", "<<" + font + ">>",
		fmt.Sprintf("<</Length %d>>\nstream\n/F 1 Tf<%s>Tj\nendstream", codes.Len()+len("/F 1 Tf<>Tj"), &codes),
	} {
		fmt.Fprintf(&table, "%010d 00000 n \n", file.Len())
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 6\n0000000000 65535 f \n%strailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", &table, start)
	return file.Bytes()
}
