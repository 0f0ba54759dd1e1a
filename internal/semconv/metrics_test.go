// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMetrics(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Metrics() {
		assert.False(t, seen[m.Name], "%s is listed twice", m.Name)
		seen[m.Name] = true
		assert.NotEmpty(t, m.Unit, m.Name)
		assert.Regexp(t, `^[A-Z].*\.$`, m.Description, "%s: the reference shows it as a sentence", m.Name)
		assert.True(t, slices.IsSorted(m.Buckets), m.Name)
		own := m.Name == Cost.Name || strings.HasPrefix(m.Name, "spanloom.") || strings.HasPrefix(m.Name, "llm_")
		assert.Equal(t, own, !m.Registry, m.Name)
	}
}
