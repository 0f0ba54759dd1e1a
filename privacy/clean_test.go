// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"mail ann@example.com 5551234": "mail [EMAIL] 5551234",
		"M\xfcller":                    "M\uFFFDller",
		strings.Repeat("ب", 128):       strings.Repeat("ب", 128),
		strings.Repeat("ب", 129):       strings.Repeat("ب", 127) + "…",
	} {
		assert.Equal(t, want, CleanName(in))
	}
	assert.Equal(t, NameLimit, utf8.RuneCountInString(CleanName(strings.Repeat("x ", 10<<20))))
	for n := 100; n < 140; n++ {
		assert.NotContains(t, CleanName(strings.Repeat("x", n)+" ann.smith@example.com"), "ann.")
	}
}
