// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/json"
	"fmt"
)

// Filter renders the metadata filter of a search as [Text] does, unless its type
// keeps all it has from JSON, as Weaviate's does: such a one is its own text.
func Filter(v any, g *Gate) string {
	if text, ok := builder(v); ok {
		return Text(text, g)
	}
	return Text(v, g)
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
