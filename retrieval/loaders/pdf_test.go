// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/retrieval/index"
)

// pdfPage is a PDF with one page of this content, in a font F with these entries.
// Further objects begin with 6.
func pdfPage(content, font string, more ...string) string {
	return pdfOf(append([]string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
		content, "<</Type/Font" + font + ">>",
	}, more...)...)
}

func deflated(data string, times int) string {
	for range times {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		_, _ = w.Write([]byte(data))
		_ = w.Close()
		data = b.String()
	}
	return data
}

func bomb(size, times int) string {
	return pdfStream("/Filter["+strings.Repeat("/FlateDecode ", times)+"]", deflated(strings.Repeat(" ", size), times))
}

// crossReference is a PDF whose table is a stream that is said to have this size.
func crossReference(size int) string {
	return fmt.Sprintf("%%PDF-1.5\n1 0 obj\n%s\nendobj\nstartxref\n9\n%%%%EOF\n",
		pdfStream(fmt.Sprintf("/Type/XRef/Size %d/W[1 2 2]/Root 2 0 R", size), "\x00\x00\x00\x00\x00"))
}

// compressedPDF has n streams of objects, each with this one object. The table says
// that object n+1+i is in the stream with the number container(i).
func compressedPDF(n int, object string, container func(i int) int) string {
	var b, table bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	entry := func(kind byte, where uint32, index uint16) {
		table.WriteByte(kind)
		_ = binary.Write(&table, binary.BigEndian, where)
		_ = binary.Write(&table, binary.BigEndian, index)
	}
	entry(0, 0, 0)
	for i := range n {
		entry(1, uint32(b.Len()), 0)
		data := fmt.Sprintf("%d 0 ", n+1+i)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1,
			pdfStream(fmt.Sprintf("/Type/ObjStm/N 1/First %d/Filter/FlateDecode", len(data)), deflated(data+object, 1)))
	}
	for i := range n {
		entry(2, uint32(container(i)), 0)
	}
	start := b.Len()
	entry(1, uint32(start), 0)
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", 2*n+1,
		pdfStream(fmt.Sprintf("/Type/XRef/Size %d/W[1 4 2]/Root %d 0 R", 2*n+2, n+1), table.String()), start)
	return b.String()
}

// hostilePDFs are files that end a program, hang or take all memory with a library
// that has no limits.
var hostilePDFs = map[string]func() string{
	"arrays in arrays": func() string { return pdfOf("<</Type/Catalog/Pages 2 0 R/X " + strings.Repeat("[", 3_000_000)) },
	"dictionaries in dictionaries": func() string {
		return pdfOf("<</Type/Catalog/Pages 2 0 R/X " + strings.Repeat("<</A ", 1_000_000))
	},
	"arrays in the content":        func() string { return pdfPage(pdfStream("", strings.Repeat("[", 3_000_000)), "/Subtype/Type1") },
	"compressed arrays":            func() string { return pdfPage(bombOf("[", 3_000_000), "/Subtype/Type1") },
	"a tree that is its own child": func() string { return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 9>>") },
	"a tree in a circle": func() string {
		return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 9>>", "<</Type/Pages/Kids[2 0 R]/Count 9>>")
	},
	"a tree that doubles at each level": func() string {
		objects := []string{"<</Type/Catalog/Pages 2 0 R>>"}
		for i := range 60 {
			objects = append(objects, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R %d 0 R]/Count 9>>", i+3, i+3))
		}
		return pdfOf(objects...)
	},
	"a deep tree": func() string {
		objects := []string{"<</Type/Catalog/Pages 2 0 R>>"}
		for i := range 10_000 {
			objects = append(objects, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 9>>", i+3))
		}
		return pdfOf(objects...)
	},
	"a tree without end in one object": func() string {
		return pdfOf("<</Type/Catalog/Pages 2 0 R>>", strings.Repeat("<</Type/Pages/Kids[", 500)+strings.Repeat("]>>", 500))
	},
	"an object that is itself":     func() string { return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "2 0 R") },
	"objects that are each other":  func() string { return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "3 0 R", "2 0 R") },
	"a stream that is its length":  func() string { return pdfPage("<</Length 4 0 R>>\nstream\nx\nendstream", "/Subtype/Type1") },
	"contents that are themselves": func() string { return pdfPage("[4 0 R 4 0 R]", "/Subtype/Type1") },
	"a bomb":                       func() string { return pdfPage(bomb(10<<20, 1), "/Subtype/Type1") },
	"a bomb in a bomb":             func() string { return pdfPage(bomb(10<<20, 3), "/Subtype/Type1") },
	"a bomb many times": func() string {
		return pdfPage("["+strings.Repeat("6 0 R ", 10_000)+"]", "/Subtype/Type1", bomb(5<<20, 1))
	},
	"one text on many pages": func() string {
		return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 100_000)+"]/Count 1>>",
			"<</Type/Page/Contents 4 0 R>>", bomb(1<<20, 1))
	},
	"a long text from a short one": func() string {
		return pdfPage(pdfStream("", "/F 9 Tf("+strings.Repeat("a", 5<<20)+")Tj"), "/Subtype/Type1/ToUnicode 6 0 R",
			pdfStream("", "1 begincodespacerange<00><ff>endcodespacerange 1 beginbfchar<61><"+strings.Repeat("0041", 32)+">endbfchar"))
	},
	"a wide predictor": func() string {
		return pdfPage(pdfStream("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 99999999999>>", deflated("x", 1)), "/Subtype/Type1")
	},
	"a table that is said to be long":        func() string { return crossReference(1 << 40) },
	"a table that is said to be rather long": func() string { return crossReference(900_000_000) },
	"lists": func() string {
		return pdfPage(pdfStream("", "x"), "/X["+strings.Repeat("[]", 1_200_000)+"]")
	},
	"dictionaries": func() string {
		return pdfPage(pdfStream("", "x"), "/X["+strings.Repeat("<<>>", 1_200_000)+"]")
	},
	"a compressed object that holds itself": func() string {
		return compressedPDF(1, "<</Type/Catalog>>", func(int) int { return 2 })
	},
	"compressed objects that hold each other": func() string {
		return compressedPDF(2, "<</Type/Catalog>>", func(i int) int { return 4 - i })
	},
	"compressed objects, inflated": func() string {
		return compressedPDF(2, "<</Type/Catalog/Pages 1 0 R>>"+strings.Repeat(" ", 10<<20), func(i int) int { return i + 1 })
	},
	"compressed lists": func() string {
		return compressedPDF(2, "["+strings.Repeat("[]", 1<<20)+"]", func(i int) int { return i + 1 })
	},
	"pages in compressed lists": func() string {
		kids := ""
		for i := range 3 {
			kids += fmt.Sprintf(" %d 0 R", 5+i)
		}
		return compressedPDF(3, "<</Type/Pages/Pages 4 0 R/Kids["+kids+"]/X["+strings.Repeat("[]", 1<<20)+"]>>", func(i int) int { return i + 1 })
	},
	"compressed arrays in arrays": func() string {
		return compressedPDF(1, strings.Repeat("[", 5<<20), func(i int) int { return i + 1 })
	},
	"a table that leads back to itself": func() string {
		return "%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n"
	},
	"many marks of an object": func() string { return "%PDF-1.4\n" + strings.Repeat("1 0 obj ", 200_000) + "\n%%EOF" },
	"many marks of a stream": func() string {
		return "%PDF-1.4\n" + strings.Repeat("1 0 obj<</Length 9>>stream\n", 50_000) + "\n%%EOF"
	},
	"many marks of an end": func() string { return "%PDF-1.4\n" + strings.Repeat("startxref\n9\n%%EOF\n", 100_000) },
	"open strings":         func() string { return pdfOf("<</Type/Catalog/Pages 2 0 R/X " + strings.Repeat("(", 3_000_000)) },
}

func bombOf(s string, n int) string {
	return pdfStream("/Filter/FlateDecode", deflated(strings.Repeat(s, n), 1))
}

// TestHostilePDF: each file is an error of its own, whatever is wrong. A file that
// takes for ever, all memory or all of the stack ends the test.
func TestHostilePDF(t *testing.T) {
	for name, file := range hostilePDFs {
		t.Run(name, func(t *testing.T) {
			data := file()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := one("a.pdf", data, WithMaxSize(8<<20))
			runtime.ReadMemStats(&after)
			s, ok := errors.AsType[*index.SourceError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, "a.pdf", s.Source)
			assert.NotErrorIs(t, err, errTooLong)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<30), "all that was ever taken")
		})
	}
}

// countdown is a context that ends after it was asked n times.
type countdown struct {
	context.Context
	n atomic.Int64
}

func (c *countdown) Err() error {
	if c.n.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Repairing this file takes minutes. It goes on only as long as its context.
func TestPDFEndsWithItsContext(t *testing.T) {
	data := "%PDF-1.4\n" + strings.Repeat("1 0 obj<<>>endobj\n", 50_000) + "\n%%EOF"
	ctx := &countdown{Context: t.Context()}
	ctx.n.Store(100)
	_, err := pdfLoader{[]byte(data), defaultMaxSize}.Load(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestPDFText(t *testing.T) {
	const winAnsi = "/Subtype/TrueType/Encoding/WinAnsiEncoding"
	toUnicode := pdfStream("", "1 begincodespacerange <0000> <FFFF> endcodespacerange "+
		"2 beginbfchar <0001> <0048> <0002> <D83DDE00> endbfchar "+
		"2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0078> <00660069>] endbfrange")
	for _, tc := range []struct{ reason, content, font, want string }{
		{"lines", "BT /F 9 Tf (one) Tj 0 -12 Td (two) Tj T* (three) Tj (four) ' ET BT (five) Tj ET", winAnsi, "one\ntwo\nthree\nfour\nfive"},
		{"lines by matrix", "BT /F 9 Tf 1 0 0 1 50 700 Tm (a) Tj 1 0 0 1 60 700 Tm (b) Tj 1 0 0 1 50 680 Tm (c) Tj ET", winAnsi, "ab\nc"},
		{"words by gaps", "BT /F 9 Tf [(W) 80 (ord) -300 (two)] TJ ET", winAnsi, "Word two"},
		{"a Windows encoding", `BT /F 9 Tf (caf\351 \200 \(5\) \
x) Tj <4142 4> Tj ET`, winAnsi, "café € (5) xAB@"},
		{"a Mac encoding", `BT /F 9 Tf (caf\216) Tj ET`, "/Subtype/Type1/Encoding/MacRomanEncoding", "café"},
		{"glyphs by name", "BT /F 9 Tf (\x01\x02A) Tj ET", "/Subtype/Type1/Encoding<</Differences[1/eacute/Euro]>>", "é€A"},
		{"codes of two bytes", "BT /F 9 Tf <0001 00\n02 001\n0 0012 0020 0021 00FF> Tj ET", "/Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R", "H😀acxfi\ufffd"},
		{"a font that is not there", "BT /G 9 Tf (a\xff) Tj ET", winAnsi, "a\ufffd"},
		{"an image in the text", "BT /F 9 Tf (a) Tj ET BI /W 1 ID (b) Tj \x00EIx EI BT (c) Tj ET % (d) Tj", winAnsi, "a\nc"},
		{"strings that are not closed", "BT /F 9 Tf (a) Tj [(b) <63", winAnsi, "a"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			docs, err := one("a.pdf", pdfPage(pdfStream("", tc.content), tc.font, toUnicode))
			require.NoError(t, err)
			require.Len(t, docs, 1)
			assert.Equal(t, tc.want, docs[0].PageContent)
		})
	}
}

func FuzzPDF(f *testing.F) {
	f.Add([]byte(makePDF("text", "more")))
	f.Add([]byte(compressedPDF(2, "<</Type/Catalog/Pages 1 0 R>>", func(i int) int { return i + 1 })))
	f.Add([]byte(pdfPage("[6 0 R]", "/Subtype/Type0/ToUnicode 7 0 R", pdfStream("", "/F 1 Tf <0001> Tj"), pdfStream("", "<0001><0041>endbfchar"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx := &countdown{Context: t.Context()}
		ctx.n.Store(1_000_000)
		_, _ = guard(ctx, fileLimit, pdfLoader{data, 1 << 20})
	})
}

func FuzzPDFText(f *testing.F) {
	f.Add([]byte("BT /F 9 Tf [(a) -300 <62>] TJ (c) ' ET BI ID x EI"), []byte("<00><ff>endcodespacerange <61><0041>endbfchar <00><ff><0041>endbfrange"))
	f.Fuzz(func(t *testing.T, content, characters []byte) {
		w := textWriter{limit: 1 << 20}
		shown := &font{codeLength: 1 + len(characters)%2, texts: map[int]string{}}
		shown.readToUnicode(string(characters))
		_ = showText(string(content), &w, func(string) *font { return shown })
		if len(w.out) > w.limit+4*maxLetters {
			t.Fatal("the limit does not hold")
		}
	})
}
