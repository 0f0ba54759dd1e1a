// SPDX-License-Identifier: Apache-2.0

package content

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/privacy"
)

type message struct {
	Role  string        `json:"role"`
	Parts []messagePart `json:"parts"`
}

// outputMessage always carries finish_reason: Phoenix drops the whole list when
// one is missing.
type outputMessage struct {
	message
	FinishReason string `json:"finish_reason"`
}

// messagePart is a part of any type. Members of type any are required in the parts
// that have them, also when they are empty.
type messagePart struct {
	Type      string `json:"type"`
	ID        string `json:"id,omitempty"`
	Name      any    `json:"name,omitempty"`
	Modality  string `json:"modality,omitempty"`
	URI       any    `json:"uri,omitempty"`
	MIMEType  string `json:"mime_type,omitempty"`
	Size      any    `json:"size,omitempty"`
	SHA256    string `json:"sha256,omitempty"`
	Content   any    `json:"content,omitempty"`
	Arguments any    `json:"arguments,omitempty"`
	Response  any    `json:"response,omitempty"`
}

// messageLen and the like are what a value takes in JSON besides its texts.
const (
	messageLen = 64
	partLen    = 80
	binaryLen  = 200
)

// InputMessages renders gen_ai.input.messages. Where not all have room, the
// newest stay: they hold the question.
func InputMessages(ms []llms.MessageContent, g *Gate) string {
	return marshal(inputMessages(ms, g))
}

func inputMessages(ms []llms.MessageContent, g *Gate) []message {
	out := make([]message, 0, min(len(ms), 1024))
	for i, m := range slices.Backward(ms) {
		if g.isFull() {
			mark := fmt.Sprintf("[%d earlier messages were cut]", i+1)
			out = append(out, message{Role: "system", Parts: []messagePart{textPart("text", mark)}})
			break
		}
		g.spend(messageLen)
		out = append(out, message{Role: role(m.Role), Parts: renderEach(m.Parts, g, part, cutPart)})
	}
	slices.Reverse(out)
	return out
}

func textPart(kind, s string) messagePart { return messagePart{Type: kind, Content: s} }

func cutPart(n int) messagePart { return textPart("text", moreWereCut(n)) }

// renderEach renders a list as far as there is room, and says how many more there are.
func renderEach[T, R any](list []T, g *Gate, render func(T, *Gate) R, cut func(n int) R) []R {
	out := make([]R, 0, min(len(list), 1024))
	for i, v := range list {
		if g.isFull() {
			return append(out, cut(len(list)-i))
		}
		out = append(out, render(v, g))
	}
	return out
}

// OutputMessages renders gen_ai.output.messages: a message per choice, or one of
// all of them where they are the blocks of one message.
func OutputMessages(res *llms.ContentResponse, g *Gate) string {
	if res == nil {
		return "[]"
	}
	out, blocks := make([]outputMessage, 0, len(res.Choices)), genai.AreBlocks(res)
	for i, c := range res.Choices {
		if c == nil {
			continue
		}
		if g.isFull() && i > 0 {
			out = append(out, outputMessage{message{assistant, []messagePart{cutPart(len(res.Choices) - i)}}, name(genai.FinishReason(c.StopReason), g)})
			break
		}
		ps := choiceParts(c, g)
		if n := len(out); n > 0 && blocks {
			out[n-1].Parts = append(out[n-1].Parts, ps...)
			continue
		}
		g.spend(messageLen)
		out = append(out, outputMessage{message{assistant, ps}, name(genai.FinishReason(c.StopReason), g)})
	}
	return marshal(out)
}

const assistant = "assistant"

func choiceParts(c *llms.ContentChoice, g *Gate) []messagePart {
	ps := []messagePart{}
	if c.ReasoningContent != "" {
		ps = append(ps, text("reasoning", c.ReasoningContent, g))
	}
	if c.Content != "" {
		ps = append(ps, text("text", c.Content, g))
	}
	if c.FuncCall != nil && len(c.ToolCalls) == 0 {
		return append(ps, toolCall(llms.ToolCall{FunctionCall: c.FuncCall}, g))
	}
	return append(ps, renderEach(c.ToolCalls, g, toolCall, cutPart)...)
}

func text(kind, s string, g *Gate) messagePart {
	g.spend(partLen)
	return textPart(kind, g.text("", s))
}

func toolCall(tc llms.ToolCall, g *Gate) messagePart {
	g.spend(partLen)
	c := messagePart{Type: "tool_call", ID: name(tc.ID, g), Name: ""}
	if f := tc.FunctionCall; f != nil {
		c.Name, c.Arguments = name(f.Name, g), arguments(f.Arguments, g)
	}
	return c
}

// name returns a name or an id as it may be shown whatever the policy is.
func name(s string, g *Gate) string {
	s = privacy.CleanName(s)
	g.spend(encodedLen(s))
	return s
}

func role(t llms.ChatMessageType) string {
	switch t {
	case llms.ChatMessageTypeHuman:
		return "user"
	case llms.ChatMessageTypeAI:
		return assistant
	case llms.ChatMessageTypeFunction:
		return "tool"
	}
	return privacy.CleanName(string(t))
}

func part(p llms.ContentPart, g *Gate) messagePart {
	switch p := p.(type) {
	case llms.TextContent:
		return text("text", p.Text, g)
	case llms.ImageURLContent:
		if mime, ok := dataURL(p.URL); ok {
			return binary("image", mime, []byte(p.URL), g)
		}
		g.spend(binaryLen)
		return messagePart{Type: "uri", Modality: "image", URI: g.text("", p.URL)}
	case llms.BinaryContent:
		mime := name(p.MIMEType, g)
		modality, _, _ := strings.Cut(mime, "/")
		return binary(modality, mime, p.Data, g)
	case llms.ToolCall:
		return toolCall(p, g)
	case llms.ToolCallResponse:
		g.spend(partLen)
		return messagePart{Type: "tool_call_response", ID: name(p.ToolCallID, g), Response: arguments(p.Content, g)}
	case llms.CachedContent:
		return part(p.ContentPart, g)
	case nil:
		g.spend(partLen)
		return textPart("text", "")
	}
	g.spend(partLen)
	return messagePart{Type: "unknown"}
}

// binary describes bytes without carrying them.
func binary(modality, mime string, data []byte, g *Gate) messagePart {
	g.spend(binaryLen)
	sum := sha256.Sum256(data)
	return messagePart{Type: "binary", Modality: modality, MIMEType: mime, Size: len(data), SHA256: hex.EncodeToString(sum[:])}
}

// MessageText renders a value that is no message as the text of one, and leaves room for
// the message around it.
func MessageText(v any, g *Gate) string {
	g.spend(messageLen)
	if _, ok := v.(string); !ok {
		g.spend(g.left / 2) // quotation marks of JSON inside JSON are escaped
	}
	return Text(v, g)
}

// InputMessage is a user's message with what [MessageText] rendered.
func InputMessage(text string) string {
	return `[{"role":"user","parts":[{"type":"text","content":` + marshal(text) + `}]}]`
}

// OutputMessage is an answer with what [MessageText] rendered.
func OutputMessage(text string) string {
	return `[{"role":"assistant","parts":[{"type":"text","content":` + marshal(text) + `}],"finish_reason":""}]`
}

// ToolDescription is what the model is told of a tool. Programs may build it of content.
type ToolDescription string

// toolDefinition is flat: the schema requires the name at this level, and
// OpenAI's nesting below "function" does not pass it.
type toolDefinition struct {
	Type        string `json:"type"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Parameters  any    `json:"parameters,omitempty"`
}

// ToolDefinitions renders gen_ai.tool.definitions.
func ToolDefinitions(tools []llms.Tool, g *Gate) string {
	return marshal(renderEach(tools, g, renderTool, func(n int) toolDefinition {
		return toolDefinition{Type: function, Name: moreWereCut(n)}
	}))
}

const function = "function"

func renderTool(t llms.Tool, g *Gate) toolDefinition {
	g.spend(partLen)
	d := toolDefinition{Type: cmp.Or(name(t.Type, g), function)}
	if f := t.Function; f != nil {
		d.Name = name(f.Name, g)
		if f.Description != "" {
			d.Description = g.text("", f.Description)
		}
		if f.Parameters != nil {
			d.Parameters = value(f.Parameters, g)
		}
	}
	return d
}

// StopWords are what a call asks the model to stop at.
type StopWords []string

// Render returns what becomes of each under the policy.
func (w StopWords) Render(g *Gate) []string {
	return renderEach(w, g, func(word string, g *Gate) string { return g.text("", word) }, moreWereCut)
}
