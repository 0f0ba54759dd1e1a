// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/json"
	"fmt"
)

// Filter is the metadata filter of a search.
type Filter struct{ Value any }

// Render renders the filter as [Text] does, unless its type keeps all it has from
// JSON, as Weaviate's does: such a one is its own text.
func (f Filter) Render(g *Gate) string { return Text(shown(f.Value), g) }

func shown(v any) (out any) {
	s, ok := v.(fmt.Stringer)
	if !ok {
		return v
	}
	// Its methods are not ours, and telemetry must not panic.
	defer func() {
		if recover() != nil {
			out = v
		}
	}()
	if b, err := json.Marshal(v); err != nil || string(b) != "{}" {
		return v
	}
	return s.String()
}
