// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func roundTrip(t *testing.T, in map[string]any) map[string]any {
	t.Helper()
	plain, err := encodeMetadata(in)
	require.NoError(t, err)
	out, err := decodeMetadata(plain)
	require.NoError(t, err)
	return out
}

func TestMetadataRoundTrip(t *testing.T) {
	type m = map[string]any
	for name, in := range map[string]m{
		"nil map":   nil,
		"empty map": {},
		"strings":   {"a": "b", "": "empty key", "empty value": "", "json": `{"t":"int"}`},
		"nil value": {"a": nil},
		"bools":     {"yes": true, "no": false},
		"ints": {
			"int": math.MinInt, "int8": int8(math.MinInt8), "int16": int16(math.MaxInt16),
			"int32": int32(math.MinInt32), "int64": int64(math.MinInt64), "zero": 0,
		},
		"uints": {
			"uint": uint(math.MaxUint), "uint8": uint8(math.MaxUint8), "uint16": uint16(math.MaxUint16),
			"uint32": uint32(math.MaxUint32), "uint64": uint64(math.MaxUint64),
		},
		"floats": {
			"max": math.MaxFloat64, "tiny": math.SmallestNonzeroFloat64, "third": 1.0 / 3, "whole": 3.0,
			"f32": float32(0.1), "f32 max": float32(math.MaxFloat32),
			"1e6": 1e6, "1e-6": 1e-6, "1e21": 1e21, "9.9e-7": 9.9e-7,
		},
		"lists": {
			"any":     []any{1, "1\xff", nil, 1.0, true, []any{uint8(2), time.Unix(0, 1).UTC()}, []string{"x"}, m{"k": int64(3)}},
			"strings": []string{"a", "", "<&>\u2028"},
		},
		"typed lists": {
			"ints": []int{1, -2}, "f32": []float32{0.1}, "bools": []bool{true, false}, "durations": []time.Duration{time.Second},
			"nested": [][]float64{{1, 2}, nil, {}}, "bytes": [][]byte{{0, 255}, nil, {}}, "maps": []map[string]uint8{{"a": 1}, nil},
		},
		"typed maps": {
			"strings": map[string]string{"a": "b", "": ""}, "ints": map[string]int64{"a": math.MaxInt64},
			"nested": map[string]map[string]int{"a": {"b": 1}, "nil": nil}, "lists": map[string][]int{"a": {1}, "nil": nil},
		},
		"binary":      {"bytes": []byte("a\x00\xff")},
		"durations":   {"a": time.Duration(math.MinInt64), "b": 90 * time.Minute},
		"empty lists": {"any": []any{}, "strings": []string{}, "map": m{}, "bytes": []byte{}, "ints": []int{}, "typed": map[string]bool{}},
		"nil lists":   {"strings": []string(nil), "bytes": []byte(nil), "typed": map[string]bool(nil)},
		"maps":        {"a": m{"b": m{"c": []any{m{"": nil}}}, "\xff": "\xfe", "\x00": "\x00"}},
		"bytes":       {"\xff": 1, "\x00": 2, "ok": "\xff\x00", "\ufffd": 3, "\xff2": "plain"},
		"times": {
			"utc": time.Date(2024, 2, 29, 23, 59, 59, 999999999, time.UTC), "zero": time.Time{},
			"far": time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, in, roundTrip(t, in))
		})
	}

	t.Run("negative zero", func(t *testing.T) {
		out := roundTrip(t, m{"a": math.Copysign(0, -1)})
		assert.True(t, math.Signbit(out["a"].(float64)))
	})
	t.Run("time with a zone", func(t *testing.T) {
		in := time.Date(2024, 6, 1, 12, 0, 0, 1, time.FixedZone("somewhere", 5*3600+45*60))
		out := roundTrip(t, m{"a": in})["a"].(time.Time)
		assert.True(t, in.Equal(out))
		assert.Equal(t, in.Format(time.RFC3339Nano), out.Format(time.RFC3339Nano))
	})
	t.Run("nil lists of any", func(t *testing.T) {
		assert.Equal(t, m{"a": []any{}, "b": m{}}, roundTrip(t, m{"a": []any(nil), "b": m(nil)}))
	})
	t.Run("offset with seconds", func(t *testing.T) {
		in := time.Date(1850, 1, 1, 0, 0, 0, 1, time.FixedZone("LMT", 3208))
		assert.Equal(t, in.UTC(), roundTrip(t, m{"a": in})["a"])
	})
	t.Run("invalid UTF-8 in a typed list", func(t *testing.T) {
		assert.Equal(t, m{"a": []string{"b\ufffd"}}, roundTrip(t, m{"a": []string{"b\xff"}}))
	})
}

func TestMetadataPlainForms(t *testing.T) {
	at := time.Date(2024, 1, 1, 2, 0, 0, 0, time.FixedZone("", 7200))
	plain, err := encodeMetadata(map[string]any{
		"string": "x", "bool": true, "int": -1, "uint8": uint8(7), "float": 1e6, "small": 0.1,
		"float32": float32(0.1), "-0": math.Copysign(0, -1), "time": at, "nil": nil, "list": []any{1},
	})
	require.NoError(t, err)
	assert.NotEmpty(t, plain[reservedKey])
	delete(plain, reservedKey)
	assert.Equal(t, map[string]string{
		"string": "x", "bool": "true", "int": "-1", "uint8": "7", "float": "1000000", "small": "0.1",
		"float32": "0.1", "-0": "0", "time": "2024-01-01T00:00:00Z",
	}, plain)

	plain, err = encodeMetadata(map[string]any{"only": "strings"})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"only": "strings"}, plain)
}

func TestMetadataRefused(t *testing.T) {
	type named string
	type namedList []string
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for name, tc := range map[string]struct {
		value any
		want  string
	}{
		"struct":      {struct{}{}, "struct {}"},
		"named":       {named("a"), "chromem.named"},
		"pointer":     {new(int), "*int"},
		"array":       {[1]int{1}, "[1]int"},
		"named list":  {namedList{"a"}, "chromem.namedList"},
		"pointers":    {[]*int{nil}, "[]*int"},
		"named keys":  {map[named]int{}, "map[chromem.named]int"},
		"int keys":    {map[int]string{}, "map[int]string"},
		"list named":  {map[string][]named{}, "map[string][]chromem.named"},
		"complex":     {1i, "complex128"},
		"uintptr":     {uintptr(1), "uintptr"},
		"month":       {time.May, "time.Month"},
		"function":    {func() {}, "func()"},
		"channel":     {make(chan int), "chan int"},
		"NaN":         {math.NaN(), "unsupported value: NaN"},
		"infinite":    {[]float32{float32(math.Inf(1))}, "unsupported value: +Inf"},
		"times":       {[]time.Time{{}}, "[]time.Time"},
		"of any":      {[]map[string]any{}, "[]map[string]interface {}"},
		"levels":      {[][][]int{}, "[][][]int"},
		"year":        {time.Date(12024, 1, 1, 0, 0, 0, 0, time.UTC), "year outside of range"},
		"in list":     {[]any{1, map[string]any{"deep": named("a")}}, `key "k": the type chromem.named`},
		"cyclic":      {cyclic, "nested more than 100 deep"},
		"time offset": {time.Now().In(time.FixedZone("", 40000*60)), "timezone hour outside of range"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := encodeMetadata(map[string]any{"k": tc.value})
			require.ErrorContains(t, err, `key "k"`)
			require.ErrorContains(t, err, tc.want)
			assert.Less(t, len(err.Error()), 300)
		})
	}

	_, err := encodeMetadata(map[string]any{reservedKey: "x"})
	require.ErrorContains(t, err, "reserved")
}

func TestMetadataDamaged(t *testing.T) {
	good, err := encodeMetadata(map[string]any{
		"a": 1, "b": []any{"x", 1.5, nil, true}, "c": map[string]any{"k": time.Unix(1, 2)}, "d": [][]float64{{1}}, "e": []any(nil),
	})
	require.NoError(t, err)
	data := good[reservedKey]
	for i := 1; i < len(data); i++ {
		// What is cut off between two keys is whole, and is the file's to detect.
		_, err := decodeMetadata(map[string]string{reservedKey: data[:i]})
		if err != nil {
			assert.ErrorContains(t, err, "damaged metadata key")
		}
	}
	text := func(parts ...string) string {
		var b []byte
		for _, p := range parts {
			b = appendText(b, p)
		}
		return string(b)
	}
	for name, data := range map[string]string{
		"no length":    "\xff",
		"cut off":      data[:len(data)-1],
		"unknown type": text("a", "complex128", "1"),
		"bad value":    text("a", "int", "x"),
		"bad element":  text("a", "[]interface {}", "x"),
		"bad map":      text("a", "map[string]interface {}", text("k")),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decodeMetadata(map[string]string{reservedKey: data})
			require.ErrorContains(t, err, "damaged metadata key")
		})
	}
}

// Whatever is under the reserved key, reading it ends.
func FuzzDecodeMetadata(f *testing.F) {
	good, err := encodeMetadata(map[string]any{"a": []any{1, "b", nil, time.Unix(1, 2)}, "m": map[string]int{"k": 1}})
	require.NoError(f, err)
	f.Add(good[reservedKey])
	f.Fuzz(func(t *testing.T, data string) {
		metadata, err := decodeMetadata(map[string]string{reservedKey: data})
		if err == nil {
			assert.NotNil(t, metadata)
		}
	})
}

func FuzzMetadataRoundTrip(f *testing.F) {
	f.Add("key", "value", int64(-1), uint64(1), 0.5, true, int64(0), int64(0))
	f.Add("\xff", "\x00", int64(math.MinInt64), uint64(math.MaxUint64), math.Copysign(0, -1), false, int64(-1), int64(999999999))
	f.Add("", "\u2028<&>", int64(0), uint64(0), 1e300, true, int64(253402300800), int64(1))
	f.Fuzz(func(t *testing.T, key, text string, i int64, u uint64, x float64, b bool, sec, nsec int64) {
		if key == reservedKey || math.IsNaN(x) || math.IsInf(float64(float32(x)), 0) || math.IsInf(x, 0) {
			t.Skip()
		}
		scalars := map[string]any{
			key: text, key + "i": i, key + "i8": int8(i), key + "n": int(i), key + "u": u, key + "u16": uint16(u),
			key + "x": x, key + "f": float32(x), key + "b": b,
			// The years 1 to 9999.
			key + "t": time.Unix(sec%(1<<35), nsec%1e9).UTC(),
		}
		in := map[string]any{
			"nested": scalars, "list": []any{key, scalars, []string{strings.ToValidUTF8(text, "")}},
		}
		for k, v := range scalars {
			if k != reservedKey {
				in[k] = v
			}
		}
		assert.Equal(t, in, roundTrip(t, in))
	})
}
