// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"encoding/json"
	"slices"

	"github.com/spanloom/spanloom/internal/terminal"
)

const (
	excerptColumns = 40
	// excerptBytes is more than so many columns take.
	excerptBytes = 1024
)

// excerpt tells a span from its twins: the beginning of its query, its input or the last
// message of the user. It is empty where no content policy let them through.
func (s span) excerpt() string {
	text := question(s.text(inputKeys...))
	if text == "" {
		for _, m := range slices.Backward(s.messages()) {
			if m.Role == "user" && !m.Output && len(m.Parts) > 0 {
				text = m.Parts[len(m.Parts)-1].Text
				break
			}
		}
	}
	return terminal.Cut(terminal.Line(text[:min(len(text), excerptBytes)]), excerptColumns)
}

// question is the part of an input that a person asked: of JSON the member of the usual
// names, or the only one, or the first item of a list; else all of the text.
func question(input string) string {
	var value any
	if json.Unmarshal([]byte(input), &value) != nil {
		return input
	}
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	if object, ok := value.(map[string]any); ok {
		for _, name := range []string{"question", "query", "input"} {
			if text, ok := object[name].(string); ok {
				return text
			}
		}
		if len(object) == 1 {
			for _, only := range object {
				value = only
			}
		}
	}
	if text, ok := value.(string); ok {
		return text
	}
	return input
}
