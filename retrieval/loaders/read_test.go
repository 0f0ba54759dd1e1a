// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"

	"github.com/spanloom/spanloom/retrieval/index"
)

// makePDF writes a small PDF with one page for each text.
func makePDF(pages ...string) string {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"}
	var kids []string
	for _, text := range pages {
		n := len(objects) + 1
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>", n+1),
			pdfStream("", "BT /F1 12 Tf 72 720 Td ("+text+") Tj ET"))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), len(pages))
	return pdfOf(objects...)
}

func pdfStream(entries, data string) string {
	return fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(data), entries, data)
}

// pdfOf writes a PDF of these objects, the catalog first.
func pdfOf(objects ...string) string {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.String()
}

func one(name, data string, opts ...Option) ([]schema.Document, error) {
	return FS(fstest.MapFS{name: {Data: []byte(data)}}, opts...).Load(context.Background())
}

func TestPDF(t *testing.T) {
	docs, err := one("a.PDF", makePDF("First page", "", "Third page"))
	require.NoError(t, err)
	assert.Equal(t, []schema.Document{
		{PageContent: "First page", Metadata: map[string]any{"source": "a.PDF", "page": 1, "total_pages": 3}},
		{PageContent: "Third page", Metadata: map[string]any{"source": "a.PDF", "page": 3, "total_pages": 3}},
	}, docs)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	good := makePDF("text")
	for _, tc := range []struct{ name, data, want string }{
		{"a.txt", "caf\xe9", "is not valid UTF-8"},
		{"a.html", "<p>caf\xe9</p>", "is not valid UTF-8"},
		{"a.md", "h\x00i\x00", "is not text (it holds zero bytes)"},
		{"a.csv", "k\ncaf\xe9\n", "is not valid UTF-8"},
		{"a.csv", "k,v\n1\n", "is not CSV that can be read (record on line 2: wrong number of fields)"},
		{"a.csv", "k\n\"", "is not CSV"},
		{"a.pdf", "", "is empty"},
		{"a.pdf", "hello", "is not a PDF that can be read (xref table: no header version available)"},
		{"a.pdf", makePDF(""), "holds no text"},
		{"a.pdf", good[:len(good)/2], "holds no text"},
		{"a.pdf", "%PDF-1.4\n" + strings.Repeat("\n", 200), "is not a PDF"},
		{"a.pdf", strings.Replace(good, "/Root 1 0 R", "/Root 9 0 R", 1), "(it has no pages)"},
		{"a.pdf", strings.Replace(good, "2 0 obj\n<<", "2 0 obj\n>>", 1), "holds no text"},
		{"a.pdf", strings.Replace(good, "4 0 obj", "7 7 xyz", 1), "holds no text"},
		{"a.own", "x", "cannot be loaded (broken)"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			_, err := one(tc.name, tc.data, WithType(".own", func(*bytes.Reader) documentloaders.Loader { return broken{} }))
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok, "%v", err)
			assert.Contains(t, e.Problem, tc.want)
			assert.NotEmpty(t, e.Hint)
			assert.NotContains(t, e.Error(), "\n")
			s, ok := errors.AsType[*index.SourceError](err)
			require.True(t, ok)
			assert.Equal(t, tc.name, s.Source)
		})
	}
}

// No damage of a file may end the program or go on for ever.
func TestDamagedPDF(t *testing.T) {
	good := makePDF("text", "more")
	for i := 9; i < len(good); i += 3 {
		for _, c := range "(9<" {
			if _, err := one("a.pdf", good[:i]+string(c)+good[i+1:]); err != nil {
				_, ok := errors.AsType[*Error](err)
				assert.True(t, ok, "%v", err)
			}
		}
	}
}

func TestMaxSize(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for name, tc := range map[string]struct{ data, want string }{
		"a.txt":  {long, "is larger than 9999 bytes: split it, or raise the limit with loaders.WithMaxSize"},
		"a.html": {long, "is larger than 9999 bytes"},
		"a.pdf":  {makePDF(long), "is larger than 9999 bytes"},
		"b.pdf":  {pdfPage(pdfStream("/Filter/FlateDecode", deflated(long, 1)), "/Subtype/Type1"), "unfolds to a size that is larger than 9999 bytes"},
		"a.csv":  {"k\n" + long + long + "\n", "has a row that is larger than 9999 bytes"},
	} {
		_, err := one(name, tc.data, WithMaxSize(9_999))
		require.ErrorContains(t, err, name+": "+tc.want)
		require.ErrorIs(t, err, errTooLarge)
	}
	docs, err := one("a.txt", long, WithMaxSize(10_000))
	require.NoError(t, err)
	assert.Len(t, docs[0].PageContent, 10_000)
	docs, err = one("a.csv", "k\n"+strings.Repeat(strings.Repeat("x", 900)+"\n", 100), WithMaxSize(5_000))
	require.NoError(t, err)
	assert.Len(t, docs, 100, "a table may be of any size")
}

type broken struct{}

func (broken) Load(context.Context) ([]schema.Document, error) { panic("broken") }
func (broken) LoadAndSplit(context.Context, textsplitter.TextSplitter) ([]schema.Document, error) {
	return nil, nil
}

// TestCSVIsLangchaingos holds the reader of rows to the documents that
// langchaingo's loader makes.
func TestCSVIsLangchaingos(t *testing.T) {
	for _, data := range []string{
		"k,v\n1,2\n3,4\n", "k\r\n\"a\r\nb\"\r\n", "اسم,سعر\nمصباح,٤٠\n", "k,v\n,\n", "k\n1",
	} {
		want, err := documentloaders.NewCSV(strings.NewReader(data)).Load(t.Context())
		require.NoError(t, err)
		for i := range want {
			want[i].Metadata["source"] = "a.csv"
		}
		got, err := one("a.csv", data)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, data := range []string{"", "\ufeff", "k,v\n"} {
		docs, err := one("a.csv", data)
		require.NoError(t, err)
		assert.Equal(t, []schema.Document{{Metadata: map[string]any{"source": "a.csv"}}}, docs, "the source is there")
	}
}

// bad is a file that ends in an error of the disk.
type bad struct{ fs.FS }

func (b bad) Open(name string) (fs.File, error) {
	f, err := b.FS.Open(name)
	if err != nil || name == "." {
		return f, err
	}
	return badFile{f}, nil
}

type badFile struct{ fs.File }

func (badFile) Read(p []byte) (int, error) {
	return iotest.ErrReader(&fs.PathError{Op: "read", Path: "/secret", Err: errors.New("bad block")}).Read(p)
}

func TestDiskErrors(t *testing.T) {
	for _, name := range []string{"a.csv", "a.txt", "a.pdf"} {
		_, err := FS(bad{fstest.MapFS{name: {Data: []byte("k\n1\n")}}}).Load(t.Context())
		require.ErrorContains(t, err, "cannot be read (bad block): check the disk")
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hang := loads(func() ([]schema.Document, error) { <-release; return nil, nil })
		start := time.Now()
		_, err := guard(t.Context(), time.Minute, hang)
		require.ErrorIs(t, err, errTooLong)
		assert.Equal(t, time.Minute, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = guard(ctx, time.Minute, hang)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		_, err = guard(t.Context(), time.Minute, loads(func() ([]schema.Document, error) { panic("broken\nfile") }))
		require.EqualError(t, err, "broken\nfile")
	})
}

type loads func() ([]schema.Document, error)

func (l loads) Load(context.Context) ([]schema.Document, error) { return l() }

func FuzzLoaders(f *testing.F) {
	f.Add([]byte("k,v\n1,2\n"))
	f.Add([]byte("<p>a<li>b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"a.md", "a.html", "a.csv"} {
			docs, err := FS(fstest.MapFS{name: {Data: data}}).Load(t.Context())
			if _, ok := errors.AsType[*index.PartialError](err); err != nil && !ok {
				t.Fatal(err)
			}
			if err == nil && len(docs) == 0 {
				t.Fatal("the source got lost")
			}
		}
	})
}
