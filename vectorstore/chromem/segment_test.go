// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func encoded(t *testing.T, records []record, compress bool) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := encodeSegment(&out, slices.Values(records), compress)
	require.NoError(t, err)
	assert.Equal(t, len(records), n)
	return out.Bytes()
}

func decoded(data []byte) ([]record, error) {
	var out []record
	err := decodeSegment(bytes.NewReader(data), func(r record) error {
		out = append(out, r)
		return nil
	})
	return out, err
}

var someRecords = []record{
	{Collection: "c", ID: "a", Text: "text", Metadata: map[string]string{"k": "v"}, Vector: []byte{0, 0, 128, 63}},
	{Collection: "\xff", ID: "\x00", Text: "\xfe\n", Metadata: map[string]string{}, Vector: make([]byte, 12)},
	{Collection: "c", ID: "b", Deleted: true},
}

func TestSegmentRoundTrip(t *testing.T) {
	large := slices.Clone(someRecords)
	for i := range 5 {
		large = append(large, record{
			Collection: "c", ID: fmt.Sprint(i), Text: strings.Repeat("x", frameSize*(i%3)/2), Vector: make([]byte, 4),
		})
	}
	for name, in := range map[string][]record{"empty": nil, "some": someRecords, "several frames": large} {
		for _, compress := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, compress %t", name, compress), func(t *testing.T) {
				out, err := decoded(encoded(t, in, compress))
				require.NoError(t, err)
				assert.Equal(t, in, out, "nil and empty metadata are not the same")
			})
		}
	}
}

// Every file that differs from a whole one in a byte or in its length is refused,
// and no record is made up.
func TestSegmentDamageIsAlwaysSeen(t *testing.T) {
	for _, compress := range []bool{false, true} {
		data := encoded(t, someRecords, compress)
		check := func(what string, at int, damaged []byte) {
			out, err := decoded(damaged)
			require.Error(t, err, "%s at %d", what, at)
			for i, r := range out {
				require.Equal(t, someRecords[i], r)
			}
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
		check("longer", len(data), append(slices.Clone(data), 0))
		check("twice", len(data), slices.Concat(data, data))
	}
}

func TestSegmentErrors(t *testing.T) {
	plain := string(encoded(t, nil, false))
	for name, tc := range map[string]struct{ data, want string }{
		"another file":      {"PK\x03\x04", "does not begin with"},
		"empty":             {"", "does not begin with"},
		"no end of line":    {strings.Repeat("x", 1<<16), "does not begin with"},
		"unknown form":      {strings.Replace(plain, formPlain, "zstd", 1), `unknown form "zstd\n"`},
		"missing frame":     {plain[:len(plain)-1] + "\x01", "it has 0 frames instead of 1"},
		"enormous length":   {plain[:len(plain)-8] + "\xff\xff\xff\xff\x00\x00\x00\x00x", "cut off"},
		"newer version":     {strings.Replace(plain, " 1 ", " 2 ", 1), "newer version"},
		"longer than it is": {plain + "x", "goes on after its end"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decoded([]byte(tc.data))
			require.ErrorContains(t, err, tc.want)
			assert.Equal(t, name == "newer version", errors.Is(err, errNewer))
		})
	}

	t.Run("of the reader", func(t *testing.T) {
		data := encoded(t, someRecords, false)
		broken := errors.New("broken")
		for i := range data {
			err := decodeSegment(io.MultiReader(bytes.NewReader(data[:i]), iotest.ErrReader(broken)),
				func(record) error { return nil })
			require.ErrorIs(t, err, broken)
		}
	})
	t.Run("of the writer", func(t *testing.T) {
		for _, compress := range []bool{false, true} {
			for i := range len(encoded(t, someRecords, compress)) {
				_, err := encodeSegment(&shortWriter{i}, slices.Values(someRecords), compress)
				require.ErrorIs(t, err, io.ErrShortWrite)
			}
		}
	})
	t.Run("of the visitor", func(t *testing.T) {
		broken := errors.New("broken")
		err := decodeSegment(bytes.NewReader(encoded(t, someRecords, true)), func(record) error { return broken })
		require.ErrorIs(t, err, broken)
	})
}

type shortWriter struct{ left int }

func (w *shortWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return w.left, io.ErrShortWrite
	}
	w.left -= len(p)
	return len(p), nil
}

// FuzzDecodeSegment: whatever is in a file, reading it ends with records or with
// an error.
func FuzzDecodeSegment(f *testing.F) {
	for _, compress := range []bool{false, true} {
		var out bytes.Buffer
		_, err := encodeSegment(&out, slices.Values(someRecords), compress)
		require.NoError(f, err)
		f.Add(out.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs := documents{}
		if decodeSegment(bytes.NewReader(data), docs.replay) == nil {
			again, err := decoded(encoded(t, slices.Collect(docs.records()), true))
			require.NoError(t, err)
			assert.Len(t, again, docs.len())
		}
	})
}
