// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is a line of testdata; secrets must be gone from what Redact returns.
type sample struct {
	kind, text string
	secrets    []string
}

var (
	generated = regexp.MustCompile(`\{([xudb]?)(\d+)\}`)
	marked    = regexp.MustCompile(`⟦(.*?)⟧`)
)

func samples(t testing.TB, file string) []sample {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	var all []sample
	kind := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "## "); ok {
			kind, _, _ = strings.Cut(rest, ":")
			continue
		}
		r := rand.New(rand.NewPCG(uint64(len(all)), uint64(len(file))))
		if strings.HasPrefix(file, "hits_") {
			line = generated.ReplaceAllStringFunc(line, func(g string) string { return generate(r, g) })
		}
		if rest, ok := strings.CutPrefix(line, "~ "); ok {
			line, err = strconv.Unquote(`"` + strings.ReplaceAll(rest, `"`, `\"`) + `"`)
			require.NoError(t, err, rest)
		}
		s := sample{kind: kind, text: strings.NewReplacer("⟦", "", "⟧", "").Replace(line)}
		for _, m := range marked.FindAllStringSubmatch(line, -1) {
			s.secrets = append(s.secrets, m[1])
		}
		all = append(all, s)
	}
	return all
}

// generate makes up what {x32} stands for.
func generate(r *rand.Rand, placeholder string) string {
	m := generated.FindStringSubmatch(placeholder)
	alphabet := map[string]string{
		"": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "x": "0123456789abcdef", "u": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
		"d": "123456789", "b": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
	}[m[1]]
	size, _ := strconv.Atoi(m[2])
	b := make([]byte, size)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	if m[1] == "" && size >= 6 {
		copy(b[2:], "7qZ") // digits and letters, as in nearly all keys of that length
	}
	return string(b)
}

// leaks reports whether four bytes of a secret in one piece, or all of a shorter
// one, are in the output more often than in the text around the secrets.
func (s sample) leaks(out string) bool {
	around := s.text
	for _, secret := range s.secrets {
		around = strings.Replace(around, secret, "\x00", 1)
	}
	for _, secret := range s.secrets {
		size := min(len(secret), 4)
		for from := 0; from+size <= len(secret); from++ {
			piece := secret[from : from+size]
			if utf8.ValidString(piece) && strings.Count(out, piece) > strings.Count(around, piece) {
				return true
			}
		}
	}
	return false
}

// TestRates counts the secrets that Redact misses and the texts that it spoils.
// Fewer is progress and must be recorded here, more is a defect. With -v it prints
// each one, and the rates that docs/privacy.md states.
func TestRates(t *testing.T) {
	for _, tt := range []struct {
		file  string
		known int // missed secrets, spoilt texts
		least int
	}{
		{"hits_tuned.txt", 0, 400},
		{"misses_tuned.txt", 0, 200},
		{"hits_held_out.txt", 10, 50},
		{"misses_held_out.txt", 2, 50},
	} {
		t.Run(tt.file, func(t *testing.T) {
			all := samples(t, tt.file)
			assert.GreaterOrEqual(t, len(all), tt.least)
			count, wrong, kinds := map[string]int{}, map[string]int{}, []string{}
			for _, s := range all {
				if count[s.kind]++; count[s.kind] == 1 {
					kinds = append(kinds, s.kind)
				}
				out := Redact("", s.text)
				if s.secrets == nil && out != s.text || s.leaks(out) {
					wrong[s.kind]++
					t.Logf("%s: %q becomes %q", s.kind, s.text, out)
				}
				assert.Equal(t, out, Redact("", out), "again: %q", s.text)
				if mayBeJSON(s.text) {
					assert.Equal(t, json.Valid([]byte(s.text)), json.Valid([]byte(out)), "%q becomes %q", s.text, out)
				}
			}
			total := 0
			for _, k := range kinds {
				t.Logf("%-20s %3d of %3d wrong (%.1f %%)", k, wrong[k], count[k], 100*float64(wrong[k])/float64(count[k]))
				total += wrong[k]
			}
			t.Logf("%-20s %3d of %3d wrong (%.1f %%)", "all", total, len(all), 100*float64(total)/float64(len(all)))
			assert.Equal(t, tt.known, total, "record the new count if it is smaller")
		})
	}
}
