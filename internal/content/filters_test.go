// SPDX-License-Identifier: Apache-2.0

package content

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// where is like Weaviate's: nothing is exported, and String writes GraphQL.
type where struct{ key, value string }

func (w *where) String() string {
	return fmt.Sprintf("where:{path: [%q] valueText: %q}", w.key, w.value)
}

type labels map[string]string

func (labels) String() string { return "labels" }

func TestFilter(t *testing.T) {
	hide := func(s string) string { return strings.ReplaceAll(s, "Jane", "[name]") }
	for _, tc := range []struct {
		name, want string
		in         any
	}{
		{"a map", `{"patient":"[name]"}`, map[string]any{"patient": "Jane"}},
		{"a text", "patient = '[name]'", "patient = 'Jane'"},
		{"a builder", `where:{path: ["patient"] valueText: "[name]"}`, &where{"patient", "Jane"}},
		{"JSON shows what it has", `{"patient":"[name]"}`, labels{"patient": "Jane"}},
		{"a nil builder", "null", (*where)(nil)},
		{"a struct without a text", "{}", struct{ hidden int }{1}},
	} {
		assert.Equal(t, tc.want, Filter{tc.in}.Render(each(hide)), tc.name)
	}
}
