// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/terminal"
)

// The keys of what goes into a step that is no chat, and of what comes out.
var (
	inputKeys  = []attribute.Key{semconv.RetrievalQueryText, semconv.ToolCallArguments, semconv.TraceloopEntityInput, "input.value"}
	outputKeys = []attribute.Key{semconv.ToolCallResult, semconv.TraceloopEntityOutput, "output.value"}
)

// message is one of a chat, whatever convention wrote it down.
type message struct {
	Role   string `json:"role"`
	Parts  []part `json:"parts"`
	Finish string `json:"finish_reason,omitempty"`
	// Output is true for the model's answers.
	Output bool `json:"output,omitempty"`
}

// part is a text, a tool call or a tool's result.
type part struct {
	Type string `json:"type"`
	Text string `json:"text,omitempty"`
	Name string `json:"name,omitempty"`
	ID   string `json:"id,omitempty"`
}

// messages returns the chat of a span.
func (s span) messages() (list []message) {
	for _, key := range []attribute.Key{"gen_ai.system_instructions", semconv.InputMessages, semconv.OutputMessages} {
		if found := parseMessages(s.text(key), key == semconv.OutputMessages); found != nil {
			s.mark(key)
			list = append(list, found...)
		}
	}
	if list != nil {
		return list
	}
	return slices.Concat(
		s.numbered("gen_ai.prompt.", ".", false), s.numbered("gen_ai.completion.", ".", true),
		s.numbered("llm.input_messages.", ".message.", false), s.numbered("llm.output_messages.", ".message.", true))
}

// parseMessages reads the JSON of the GenAI conventions; system instructions are a
// list of parts without a role.
func parseMessages(text string, output bool) (list []message) {
	var parts []part
	hasNoParts := func(m message) bool { return m.Parts == nil }
	if json.Unmarshal([]byte(text), &list) != nil {
		list = nil
	}
	if list = slices.DeleteFunc(list, hasNoParts); len(list) == 0 {
		if json.Unmarshal([]byte(text), &parts) != nil || len(parts) == 0 {
			return nil
		}
		list = []message{{Role: "system", Parts: parts}}
	}
	for i := range list {
		list[i].Output = output
	}
	return list
}

// UnmarshalJSON takes what a part says, whatever its type calls it.
func (p *part) UnmarshalJSON(raw []byte) error {
	var from struct {
		Type, Name, ID                       string
		Content, Arguments, Response, Result json.RawMessage
	}
	if json.Unmarshal(raw, &from) != nil || from.Type == "" {
		*p = part{Type: "text", Text: plain(raw)}
		return nil
	}
	*p = part{Type: from.Type, Name: from.Name, ID: from.ID}
	p.Text = plain([]byte(cmp.Or(string(from.Content), string(from.Arguments), string(from.Response), string(from.Result))))
	if *p == (part{Type: from.Type}) {
		p.Text = string(raw)
	}
	return nil
}

// plain is a JSON string without its quotes, and other JSON as it is.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// numbered reads messages in attributes of their own, such as gen_ai.prompt.0.content of
// OpenLLMetry and llm.input_messages.0.message.content of OpenInference.
func (s span) numbered(prefix, field string, output bool) (list []message) {
	for i := 0; ; i++ {
		base := attribute.Key(prefix + strconv.Itoa(i) + field)
		m := message{Role: s.take(base + "role"), Finish: s.take(base + "finish_reason"), Output: output}
		if text := s.take(base + "content"); text != "" {
			m.Parts = append(m.Parts, part{Type: "text", Text: text})
		}
		m.Parts = append(m.Parts, s.toolCalls(base+"tool_calls.")...)
		if m.Role == "" && m.Parts == nil {
			return list
		}
		list = append(list, m)
	}
}

func (s span) toolCalls(base attribute.Key) (parts []part) {
	for i := 0; ; i++ {
		call := base + attribute.Key(strconv.Itoa(i)) + "."
		nested := call + "tool_call."
		p := part{Type: "tool_call", Name: s.take(call+"name", nested+"function.name"), Text: s.take(call+"arguments", nested+"function.arguments"), ID: s.take(call+"id", nested+"id")}
		if p.Name == "" {
			return parts
		}
		parts = append(parts, p)
	}
}

// document is one that a search found or that was stored.
type document struct {
	ID       string          `json:"id,omitempty"`
	Score    *float64        `json:"score,omitempty"`
	Content  string          `json:"content,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

// documents returns the documents of a span.
func (s span) documents() (list []document) {
	if json.Unmarshal([]byte(s.text(semconv.RetrievalDocuments)), &list) == nil && list != nil {
		s.mark(semconv.RetrievalDocuments)
		return list
	}
	list = nil
	for i := 0; ; i++ {
		base := attribute.Key("retrieval.documents." + strconv.Itoa(i) + ".document.")
		d := document{ID: s.take(base + "id"), Content: s.take(base + "content")}
		if score, ok := s.number(base + "score"); ok {
			d.Score = &score
			s.mark(base + "score")
		}
		if d.ID == "" && d.Content == "" && d.Score == nil {
			return list
		}
		if meta := s.text(base + "metadata"); json.Valid([]byte(meta)) {
			d.Metadata = json.RawMessage(s.take(base + "metadata"))
		}
		list = append(list, d)
	}
}

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
