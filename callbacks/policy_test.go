// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestCut(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 0, "abc"},
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"مرحبا", 5, "مرحبا"},
		{"مرحبا", 4, "مرح…"},
		{"ab", 1, "…"},
		{"", 1, ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, cut(tt.in, tt.limit), "cut(%q, %d)", tt.in, tt.limit)
	}
}

func FuzzCut(f *testing.F) {
	f.Add("مرحبا", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := cut(s, limit)
		if limit > 0 && utf8.RuneCountInString(got) > limit {
			t.Errorf("cut(%q, %d) = %q", s, limit, got)
		}
		if again := cut(got, limit); again != got {
			t.Errorf("cut(%q, %d) = %q, and again %q", s, limit, got, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("cut(%q, %d) = %q is not valid", s, limit, got)
		}
	})
}

func TestHashTellsEqualFromDifferentAndNothingElse(t *testing.T) {
	assert.Equal(t, "sha256:2cf24dba5fb0a30e (5)", Hash("hello"))
	assert.Equal(t, Hash("مرحبا"), Hash(string([]rune("مرحبا"))))
	assert.NotEqual(t, Hash("a"), Hash("b"))
}
