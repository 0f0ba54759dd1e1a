// SPDX-License-Identifier: Apache-2.0

package index

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

type odd struct {
	At   *float64
	F    func()
	Self *odd
	mu   *int
}

// TestIdentityOfWhatJSONCannotHold makes each value twice: what is new memory
// only is the same, and what differs in any place is not.
func TestIdentityOfWhatJSONCannotHold(t *testing.T) {
	nan := math.NaN()
	values := []func() any{
		func() any { return nan },
		func() any { return math.Inf(1) },
		func() any { return math.Inf(-1) },
		func() any { return float32(math.Inf(1)) },
		func() any { return 1i },
		func() any { return complex64(1i) },
		func() any { return func() {} },
		func() any { return make(chan int) },
		func() any { n := math.Inf(1); return &n },
		func() any { n := 1; return []any{&n, nan} },
		func() any { n := 2; return []any{&n, nan} },
		func() any { return []any{1, 2, nan} },
		func() any { return []any{[]any{1}, 2, nan} },
		func() any { return [1]any{nan} },
		func() any { return map[any]any{1: "a", "1": "b", true: nil} },
		func() any { return map[any]any{1: "a", "1": "c", true: nil} },
		func() any { return map[string]any{"in": map[any]any{"x": []any{1}}} },
		func() any { return map[string]any{"in": map[any]any{"x": []any{2}}} },
		func() any { n := nan; return odd{At: &n, F: func() {}} },
		func() any { n := 1.0; m := 7; return odd{At: &n, F: func() {}, mu: &m} },
		func() any { o := &odd{F: func() {}}; o.Self = o; return o },
		func() any { m := map[string]any{}; m["self"] = m; return m },
		func() any { s := make([]any, 1); s[0] = s; return s },
	}
	seen := map[string]int{}
	for i, value := range values {
		id := func() string { return string(appendIdentity(nil, map[string]any{"k": value(), "a": 1})) }
		first := id()
		assert.Equal(t, first, id(), "value %d", i)
		before, ok := seen[first]
		assert.False(t, ok, "values %d and %d: %s", before, i, first)
		seen[first] = i
	}
	assert.JSONEq(t, `{"a":1,"k":[1]}`, string(appendIdentity(nil, map[string]any{"k": []int{1}, "a": 1})), "as ever, so that nothing is embedded again")
}
