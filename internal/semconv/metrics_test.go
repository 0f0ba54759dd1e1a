// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"slices"
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
		assert.Equal(t, m.Name != Cost.Name && m.Name != EmptyRetrievals.Name, m.Registry, "%s: these two are our own", m.Name)
	}
}
