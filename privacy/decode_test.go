// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestDecoded(t *testing.T) {
	for source, want := range map[string]string{
		"":                            "",
		"plain":                       "plain",
		"a%40b":                       "a@b",
		"a%2540b %252B":               "a@b +",
		"%D9%A4%d9%a2":                "42",
		"100% of 5%2":                 "100% of 5%2",
		"%":                           "%",
		"%25":                         "%",
		"%ff%fe":                      "%ff%fe",
		"a&#64;b&#x40;c&commat;d":     "a@b@c@d",
		"a&nbsp;b &amp; &unknown;":    "a b & &unknown;",
		"&#0;&#xffffffff;&;":          "&#0;&#xffffffff;&;",
		`a\nb\tc\u0040d\x40e\/f`:      "a\nb\tc@d@e/f",
		`\\\\u0040`:                   "@",
		`say \"x\" \q \ud83d`:         `say \"x\" \q \ud83d`,
		"a (at) b [dot] c{AT}d<dot>e": "a@b.c@d.e",
		"(attic) [a] <a> (at":         "(attic) [a] <a> (at",
		"ann＠example．com":             "ann@example.com",
		"٠١٢۳४５𝟔":                     "0123456",
		"4\u200b1\u00ad1\ufeff1":      "4111",
		"a–b—c\u00a0d\u3000e":         "a-b-c d e",
		"مرحبا Привет 你好 é":           "مرحبا Привет 你好 é",
		"\xff\xc2":                    "\xff\xc2",
	} {
		d := decode(source)
		assert.Equal(t, want, d.text, "%q", source)
	}
}

func TestReplacedIsWhatTheSourceHas(t *testing.T) {
	w := decode("\u200bmail a%40b\u200b or &#49;٢ \u200f")
	assert.Equal(t, "mail a@b or 12 ", w.text)
	w.replace(5, 8, "X")
	w.replace(12, 14, "Y")
	w = decode(w.apply())
	assert.Equal(t, "\u200bmail X\u200b or Y \u200f", w.source)
	w.replace(0, 1, "M")
	assert.Equal(t, "\u200bMail X\u200b or Y \u200f", w.apply())
}

func FuzzDecoded(f *testing.F) {
	for _, s := range []string{"a%40b&#64;c\\u0040d (at) e", "\u200b1\u200b", "%25%25", "\\\\n", "\xff%", "٤١١١"} {
		f.Add(s, 1, 2)
	}
	f.Fuzz(func(t *testing.T, source string, from, to int) {
		w := decode(source)
		if utf8.ValidString(source) && !utf8.ValidString(w.text) {
			t.Errorf("%q is decoded as %q", source, w.text)
		}
		if from < 0 || from >= to || to > len(w.text) || strings.Contains(source, "\x00") {
			return
		}
		w.replace(from, to, "\x00")
		out := w.apply()
		before, after, _ := strings.Cut(out, "\x00")
		if !strings.HasPrefix(source, before) || !strings.HasSuffix(source, after) || len(before)+len(after) >= len(source) {
			t.Errorf("%q without %d to %d of %q is %q", source, from, to, w.text, out)
		}
	})
}
