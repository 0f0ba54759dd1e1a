// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Filter renders the metadata filter of a search as [Text] does, unless its type
// keeps all it has from JSON, as Weaviate's does: such a one is its own text.
func Filter(v any, gate Gate) string {
	if text, ok := builder(v); ok {
		return Text(text, gate)
	}
	return Text(v, gate)
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

// quoted takes what stands between quotation marks, keys included: a server quotes
// the filter that it refuses as it was written.
func (c *collector) quoted(text string) {
	for !c.full() {
		at := strings.IndexByte(text, '"')
		if at < 0 {
			return
		}
		text = text[at:]
		literal, err := strconv.QuotedPrefix(text)
		if err != nil {
			text = text[1:]
			continue
		}
		if s, err := strconv.Unquote(literal); err == nil {
			c.text(s)
		}
		text = text[len(literal):]
	}
}
