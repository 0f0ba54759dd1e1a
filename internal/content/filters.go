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
func (f Filter) Render(g *Gate) string {
	if text, ok := builder(f.Value); ok {
		return Text(text, g)
	}
	return Text(f.Value, g)
}

// builder is the text of a filter of which JSON shows nothing.
func builder(v any) (text string, ok bool) {
	s, ok := v.(fmt.Stringer)
	if !ok {
		return "", false
	}
	// Its methods are not ours, and telemetry must not panic.
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	if b, err := json.Marshal(v); err != nil || string(b) != "{}" {
		return "", false
	}
	return s.String(), true
}
