// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"encoding/json"
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

// messages returns the chat of a span, and marks the attributes that hold it as shown.
func (s span) messages(shown map[attribute.Key]bool) []message {
	var list []message
	for _, key := range []attribute.Key{"gen_ai.system_instructions", semconv.InputMessages, semconv.OutputMessages} {
		found := parseMessages(s.text(key), key == semconv.OutputMessages)
		if found != nil {
			shown[key] = true
		}
		list = append(list, found...)
	}
	if list != nil {
		return list
	}
	for _, f := range []numberedMessages{
		{prefix: "gen_ai.prompt.", field: "."},
		{prefix: "gen_ai.completion.", field: ".", output: true},
		{prefix: "llm.input_messages.", field: ".message."},
		{prefix: "llm.output_messages.", field: ".message.", output: true},
	} {
		list = append(list, f.of(s, shown)...)
	}
	return list
}

// parseMessages reads the JSON of the GenAI conventions; system instructions are a
// list of parts without a role.
func parseMessages(text string, output bool) []message {
	if text == "" {
		return nil
	}
	var raw []struct {
		Role   string            `json:"role"`
		Parts  []json.RawMessage `json:"parts"`
		Finish string            `json:"finish_reason"`
	}
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil
	}
	var list []message
	for _, r := range raw {
		if r.Parts == nil {
			continue
		}
		m := message{Role: r.Role, Finish: r.Finish, Output: output}
		for _, p := range r.Parts {
			m.Parts = append(m.Parts, parsePart(p))
		}
		list = append(list, m)
	}
	if list == nil {
		var parts []json.RawMessage
		if json.Unmarshal([]byte(text), &parts) != nil || len(parts) == 0 {
			return nil
		}
		m := message{Role: "system"}
		for _, p := range parts {
			m.Parts = append(m.Parts, parsePart(p))
		}
		list = []message{m}
	}
	return list
}

func parsePart(raw json.RawMessage) part {
	var p struct {
		Type      string          `json:"type"`
		Content   json.RawMessage `json:"content"`
		Name      string          `json:"name"`
		ID        string          `json:"id"`
		Arguments json.RawMessage `json:"arguments"`
		Response  json.RawMessage `json:"response"`
		Result    json.RawMessage `json:"result"`
	}
	if json.Unmarshal(raw, &p) != nil || p.Type == "" {
		return part{Type: "text", Text: plain(raw)}
	}
	out := part{Type: p.Type, Name: p.Name, ID: p.ID}
	for _, body := range []json.RawMessage{p.Content, p.Arguments, p.Response, p.Result} {
		if len(body) > 0 {
			out.Text = plain(body)
			return out
		}
	}
	if out.Name == "" && out.ID == "" {
		out.Text = string(raw)
	}
	return out
}

// plain is a JSON string without its quotes, and other JSON as it is.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// numberedMessages are messages in attributes of their own, such as
// gen_ai.prompt.0.content of OpenLLMetry.
type numberedMessages struct {
	prefix, field string
	output        bool
}

func (f numberedMessages) of(s span, shown map[attribute.Key]bool) (list []message) {
	for i := 0; ; i++ {
		base := attribute.Key(f.prefix + strconv.Itoa(i) + f.field)
		m := message{Role: s.text(base + "role"), Finish: s.text(base + "finish_reason"), Output: f.output}
		if text := s.text(base + "content"); text != "" {
			m.Parts = append(m.Parts, part{Type: "text", Text: text})
		}
		m.Parts = append(m.Parts, toolCalls(s, base, shown)...)
		if m.Role == "" && m.Parts == nil {
			return list
		}
		for _, name := range []attribute.Key{"role", "content", "finish_reason"} {
			shown[base+name] = true
		}
		list = append(list, m)
	}
}

func toolCalls(s span, base attribute.Key, shown map[attribute.Key]bool) (parts []part) {
	for i := 0; ; i++ {
		n := attribute.Key(strconv.Itoa(i))
		found := false
		for _, at := range []struct{ name, arguments, id attribute.Key }{
			{base + "tool_calls." + n + ".name", base + "tool_calls." + n + ".arguments", base + "tool_calls." + n + ".id"},
			{
				base + "tool_calls." + n + ".tool_call.function.name", base + "tool_calls." + n + ".tool_call.function.arguments",
				base + "tool_calls." + n + ".tool_call.id",
			},
		} {
			if s.text(at.name) == "" {
				continue
			}
			parts = append(parts, part{Type: "tool_call", Name: s.text(at.name), Text: s.text(at.arguments), ID: s.text(at.id)})
			shown[at.name], shown[at.arguments], shown[at.id] = true, true, true
			found = true
		}
		if !found {
			return parts
		}
	}
}
