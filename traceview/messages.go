// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"encoding/json"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
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

// reader is a span, and which of its attributes are shown apart from the others.
type reader struct {
	span
	shown map[attribute.Key]bool
}

// take returns an attribute's text and marks it as shown.
func (r reader) take(key attribute.Key) string {
	r.shown[key] = true
	return r.text(key)
}

// messages returns the chat of a span, and marks the attributes that hold it as shown.
func (s span) messages(shown map[attribute.Key]bool) (list []message) {
	r := reader{s, shown}
	for _, key := range []attribute.Key{"gen_ai.system_instructions", semconv.InputMessages, semconv.OutputMessages} {
		found := parseMessages(r.text(key), key == semconv.OutputMessages)
		r.shown[key] = found != nil
		list = append(list, found...)
	}
	if list != nil {
		return list
	}
	return slices.Concat(
		r.numbered("gen_ai.prompt.", ".", false), r.numbered("gen_ai.completion.", ".", true),
		r.numbered("llm.input_messages.", ".message.", false), r.numbered("llm.output_messages.", ".message.", true))
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
	for _, body := range []json.RawMessage{from.Content, from.Arguments, from.Response, from.Result} {
		if len(body) > 0 {
			p.Text = plain(body)
			return nil
		}
	}
	if p.Name == "" && p.ID == "" {
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
func (r reader) numbered(prefix, field string, output bool) (list []message) {
	for i := 0; ; i++ {
		base := attribute.Key(prefix + strconv.Itoa(i) + field)
		m := message{Role: r.take(base + "role"), Finish: r.take(base + "finish_reason"), Output: output}
		if text := r.take(base + "content"); text != "" {
			m.Parts = append(m.Parts, part{Type: "text", Text: text})
		}
		m.Parts = append(m.Parts, r.toolCalls(base+"tool_calls.", "name", "arguments", "id")...)
		m.Parts = append(m.Parts, r.toolCalls(base+"tool_calls.", "tool_call.function.name", "tool_call.function.arguments", "tool_call.id")...)
		if m.Role == "" && m.Parts == nil {
			return list
		}
		list = append(list, m)
	}
}

func (r reader) toolCalls(base, name, arguments, id attribute.Key) (parts []part) {
	for i := 0; ; i++ {
		call := base + attribute.Key(strconv.Itoa(i)) + "."
		p := part{Type: "tool_call", Name: r.take(call + name), Text: r.take(call + arguments), ID: r.take(call + id)}
		if p.Name == "" {
			return parts
		}
		parts = append(parts, p)
	}
}
