// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func blank(string) string { return "#" }

func TestTakeOutQuotes(t *testing.T) {
	tests := []struct {
		name, msg string
		seen      []string
		want      string
	}{
		{"nothing seen", "any \"text\" stays", nil, "any \"text\" stays"},
		{"nothing shared", "HTTP 500", []string{"what is love"}, "HTTP 500"},
		{"nine bytes are no quotation", "got 123456789 here", []string{"0123456789"}, "got 123456789 here"},
		{"ten bytes are", "got 0123456789 here", []string{"x0123456789x"}, "got # here"},
		{"short in quotation marks", `no such user "bob"`, []string{"find bob now"}, `no such user "#"`},
		{"after an apostrophe", "can't find 'bob'", []string{"find bob now"}, "can't find '#'"},
		{"in guillemets", "خطأ «سرّي»", []string{"هذا سرّي جدا"}, "خطأ «#»"},
		{"in escaped marks", `{"error":"no \"bob\""}`, []string{"find bob now"}, `{"error":"no \"#\""}`},
		{"what lies between quotations stays", `"a,b", "c"`, []string{"x, y"}, `"a,b", "c"`},
		{"short as a whole", "password hunter2 is wrong", []string{"hunter2"}, "password # is wrong"},
		{"short as a whole twice", "hunter2: hunter2!", []string{"hunter2"}, "#: #!"},
		{"short inside a word", "hunter25 differs", []string{"hunter2"}, "hunter25 differs"},
		{"short Arabic before its comma", "خطأ سلام، نعم", []string{"سلام"}, "خطأ #، نعم"},
		{"short with white space around", "bad: hunter2", []string{" hunter2\n"}, "bad: #"},
		{"two bytes are too common", "no is no", []string{"no"}, "no is no"},
		{"adjacent stretches are one", "AAAAAAAAAABBBBBBBBBB", []string{"AAAAAAAAAA", "BBBBBBBBBB"}, "#"},
		{"on rune boundaries", "قال: مرحبا بالعالم.", []string{"مرحبا بالعالم"}, "قال: #."},
		{"line breaks", "got one two\n\n  three four", []string{"one two three\tfour"}, "got #"},
		{"emoji as surrogates", `got \ud83d\ude00 smile now`, []string{"😀 smile now"}, "got #"},
		{"percent-encoded", "q=%D9%85%D8%B1%D8%AD%D8%A8%D8%A7&x=1", []string{"مرحبا"}, "q=#&x=1"},
		{"a lone percent sign", "100% of %zz", []string{"unrelated text"}, "100% of %zz"},
		{"a trailing backslash", `bad \`, []string{"unrelated text"}, `bad \`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, takeOutQuotes(tt.msg, tt.seen, blank))
		})
	}
}

func FuzzTakeOutQuotes(f *testing.F) {
	f.Add("bad prompt \"hello world again\"", "hello world again")
	f.Add(`{"e":"\u0645\u0631 \\\"x\\\""}`, "مر x")
	f.Add("%D9%8", "\\u00\xff\xfe")
	f.Add("'''\"\"``", "‘’“”«»")
	f.Fuzz(func(t *testing.T, msg, text string) {
		got := takeOutQuotes(msg, []string{text}, func(s string) string {
			if !utf8.ValidString(s) {
				t.Errorf("the policy is shown %q, which is cut inside a rune", s)
			}
			return "#"
		})
		if !utf8.ValidString(got) {
			t.Errorf("takeOutQuotes(%q, %q) = %q is not valid UTF-8", msg, text, got)
		}
		// A message that is nothing but the text must not show any of it.
		if whole := takeOutQuotes(text, []string{text}, blank); utf8.ValidString(text) && len(flatten(text, false).text) >= quoteLength && whole != "#" {
			t.Errorf("takeOutQuotes(%q) of itself = %q", text, whole)
		}
	})
}
