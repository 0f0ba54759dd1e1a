// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"encoding/json"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
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
	text := question(s.first(semconv.RetrievalQueryText, semconv.ToolCallArguments, semconv.TraceloopEntityInput, "input.value"))
	if text == "" {
		for _, m := range slices.Backward(s.messages(map[attribute.Key]bool{})) {
			if m.Role == "user" && !m.Output && len(m.Parts) > 0 {
				text = m.Parts[len(m.Parts)-1].Text
				break
			}
		}
	}
	return terminal.Cut(terminal.Line(text[:min(len(text), excerptBytes)]), excerptColumns)
}

// quoted is an excerpt that fits behind so many columns; without room for a few words it is
// empty.
func (s screen) quoted(excerpt string, columns int) string {
	const leastColumns = 10
	if s.Width > 0 {
		room := s.Width - columns - len(`""`)
		if room < leastColumns {
			return ""
		}
		excerpt = terminal.Cut(excerpt, room)
	}
	if excerpt == "" {
		return ""
	}
	return `"` + terminal.Isolate(excerpt) + `"`
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
