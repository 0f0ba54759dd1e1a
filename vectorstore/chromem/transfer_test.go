// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

func exported(t *testing.T, s *Store, opts ...vectorstores.Option) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, s.Export(t.Context(), &out, opts...))
	return &out
}

func filled(t *testing.T, opts ...Option) *Store {
	t.Helper()
	s, _ := newStore(t, append(opts, WithIDs(metadataID))...)
	add(t, s, []schema.Document{
		doc("3 4 \xff", "id", "a", "n", int8(1), "at", time.Unix(0, 5).UTC()), doc("0 1", "id", "b"),
	})
	add(t, s, []schema.Document{doc("1 0 0", "id", "a")}, vectorstores.WithNameSpace("other"))
	return s
}

func TestExportImport(t *testing.T) {
	for name, opts := range map[string][]Option{
		"memory":     nil,
		"disk":       {WithPersistence(t.TempDir())},
		"compressed": {WithPersistence(t.TempDir()), WithCompression()},
		"database":   {WithDB(chromemgo.NewDB())},
	} {
		t.Run(name, func(t *testing.T) {
			source := filled(t, opts...)
			want := everything(t, source)
			data := exported(t, source).Bytes()
			for kind, opts := range map[string][]Option{
				"memory":   nil,
				"disk":     {WithPersistence(t.TempDir())},
				"database": {WithDB(chromemgo.NewDB())},
			} {
				s, e := newStore(t, opts...)
				n, err := s.Import(t.Context(), bytes.NewReader(data))
				require.NoError(t, err)
				assert.Equal(t, 3, n)
				assert.Equal(t, want, everything(t, s), kind)
				assert.Empty(t, e.batches)
				assert.Equal(t, search(t, source, "1 1", 5), search(t, s, "1 1", 5))
				if kind == "disk" {
					s, _ = reopen(t, s, opts...)
					assert.Equal(t, want, everything(t, s))
				}
			}
		})
	}
}

func TestExportOfOneCollection(t *testing.T) {
	source := filled(t)
	want := everything(t, source)
	other := vectorstores.WithNameSpace("other")
	for name, tc := range map[string]struct{ export, load vectorstores.Option }{
		"export": {other, nil}, "import": {nil, other},
	} {
		s, _ := newStore(t)
		n, err := s.Import(t.Context(), exported(t, source, tc.export), tc.load)
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		assert.Equal(t, map[string]map[string]schema.Document{"other": want["other"]}, everything(t, s), name)
	}
	s, _ := newStore(t)
	n, err := s.Import(t.Context(), exported(t, source, vectorstores.WithNameSpace("missing")))
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestImportIntoAFilledStore(t *testing.T) {
	s, _ := newStore(t, WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0 old", "id", "a"), doc("1 0 old", "id", "z")})
	_, err := s.Import(t.Context(), exported(t, filled(t)))
	require.NoError(t, err)
	assert.Equal(t, 3, s.Count())
	got, err := s.Get(t.Context(), []string{"a", "z"})
	require.NoError(t, err)
	assert.Equal(t, []string{"3 4 \xff", "1 0 old"}, contents(got))
}

func TestImportRefused(t *testing.T) {
	good := exported(t, filled(t)).String()
	entries := func(docs ...chromemgo.Document) io.Reader {
		b := []byte(exportLine)
		for _, d := range docs {
			value, err := encodeDocument("c", d, false)
			require.NoError(t, err)
			b = appendEntry(b, "c", d.ID, string(value))
		}
		return bytes.NewReader(appendEntry(b, ""))
	}
	broken := errors.New("broken")
	for name, tc := range map[string]struct {
		r    io.Reader
		want error
		text string
	}{
		"empty":      {strings.NewReader(""), ErrDamaged, "it is no export"},
		"another":    {strings.NewReader("PK\x03\x04"), ErrDamaged, "it is no export"},
		"no line":    {strings.NewReader(strings.Repeat("x", 1<<20)), ErrDamaged, "it is no export"},
		"cut off":    {strings.NewReader(good[:len(good)/2]), ErrDamaged, "cut off"},
		"no end":     {strings.NewReader(good[:len(good)-1]), ErrDamaged, "cut off"},
		"longer":     {strings.NewReader(good + "x"), ErrDamaged, "goes on after its end"},
		"changed":    {strings.NewReader(good[:60] + "x" + good[61:]), ErrDamaged, `document "a" of collection "documents": its checksum`},
		"reader":     {io.MultiReader(strings.NewReader(good[:50]), iotest.ErrReader(broken)), broken, "chromem: import: "},
		"newer":      {strings.NewReader("spanloom chromem export 9\n"), nil, "newer version"},
		"dimension":  {strings.NewReader(good), ErrDimension, `collection "other" has vectors of 2`},
		"dimensions": {entries(chromemgo.Document{ID: "a", Embedding: []float32{1}}, chromemgo.Document{ID: "b", Embedding: []float32{1, 0}}), ErrDimension, `in collection "c"`},
		"no vector":  {entries(chromemgo.Document{ID: "a"}), ErrDamaged, "it has no vector"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStore(t, WithPersistence(t.TempDir()))
			add(t, s, docs("1 0"), vectorstores.WithNameSpace("other"))
			before := everything(t, s)
			_, err := s.Import(t.Context(), tc.r)
			if tc.want != nil {
				require.ErrorIs(t, err, tc.want)
			}
			if tc.want != ErrDamaged { //nolint:errorlint // The table has no wrapped ones.
				require.NotErrorIs(t, err, ErrDamaged)
			}
			require.ErrorContains(t, err, tc.text)
			assert.Equal(t, before, everything(t, s))
		})
	}

	t.Run("options and context", func(t *testing.T) {
		s, _ := newStore(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, opt := range []vectorstores.Option{
			vectorstores.WithScoreThreshold(0.5), vectorstores.WithFilters(map[string]string{"a": "b"}),
		} {
			require.ErrorIs(t, s.Export(ctx, io.Discard, opt), ErrUnsupportedOptions)
			_, err := s.Import(ctx, nil, opt)
			require.ErrorIs(t, err, ErrUnsupportedOptions)
		}
		require.ErrorIs(t, s.Export(ctx, io.Discard), context.Canceled)
		_, err := s.Import(ctx, nil)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// An export that differs from a whole one in a byte or in its length is refused.
func TestDamageOfAnExportIsAlwaysSeen(t *testing.T) {
	for _, compress := range []bool{false, true} {
		s := filled(t, append(withCompression(compress), WithPersistence(t.TempDir()))...)
		data := exported(t, s).Bytes()
		check := func(what string, at int, damaged []byte) {
			_, _, err := readExport(t.Context(), bufio.NewReader(bytes.NewReader(damaged)), "")
			if i := bytes.IndexByte([]byte(exportLine), '1'); at != i || what == "cut off" {
				require.ErrorIs(t, err, ErrDamaged, "%s at %d", what, at)
			}
			require.Error(t, err, "%s at %d", what, at)
		}
		for i := range data {
			check("cut off", i, data[:i])
			for _, bit := range []byte{1, 128} {
				damaged := slices.Clone(data)
				damaged[i] ^= bit
				check("another bit", i, damaged)
			}
			check("without a byte", i, slices.Concat(data[:i], data[i+1:]))
		}
		check("twice", len(data), slices.Concat(data, data))
	}
}

type shortWriter struct{ left int }

func (w *shortWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return w.left, io.ErrShortWrite
	}
	w.left -= len(p)
	return len(p), nil
}

// What an export that failed has written is never taken for a whole one.
func TestFailedExport(t *testing.T) {
	s := filled(t)
	size := exported(t, s).Len()
	for i := range size {
		require.ErrorIs(t, s.Export(t.Context(), &shortWriter{i}), io.ErrShortWrite)
	}

	// The context ends before the second document.
	require.ErrorIs(t, s.Export(&lateContext{t.Context(), 2}, io.Discard), context.Canceled)
}

// The context can end a long import.
func TestImportIsCancelled(t *testing.T) {
	data := exported(t, filled(t)).Bytes()
	ctx, cancel := context.WithCancel(t.Context())
	s, _ := newStore(t)
	_, err := s.Import(ctx, io.MultiReader(bytes.NewReader(slices.Clone(data)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, io.EOF
	})))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrDamaged)
	assert.Zero(t, s.Count())
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
