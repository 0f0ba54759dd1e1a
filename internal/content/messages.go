// SPDX-License-Identifier: Apache-2.0

package content

import (
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
	Role  string `json:"role"`
	Parts []any  `json:"parts"`
}

// outputMessage always carries finish_reason: Phoenix drops the whole list when
// one is missing.
type outputMessage struct {
	message
	FinishReason string `json:"finish_reason"`
}

type textPart struct {
	Type    string `json:"type"`
	Content string `json:"content"`
}

type toolCallPart struct {
	Type      string `json:"type"`
	ID        string `json:"id,omitempty"`
	Name      string `json:"name"`
	Arguments any    `json:"arguments,omitempty"`
}

type toolResponsePart struct {
	Type     string `json:"type"`
	ID       string `json:"id,omitempty"`
	Response any    `json:"response"`
}

type uriPart struct {
	Type     string `json:"type"`
	Modality string `json:"modality"`
	URI      string `json:"uri"`
}

// binaryPart describes bytes without carrying them.
type binaryPart struct {
	Type     string `json:"type"`
	Modality string `json:"modality,omitempty"`
	MIMEType string `json:"mime_type,omitempty"`
	Size     int    `json:"size"`
	SHA256   string `json:"sha256"`
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
			out = append(out, message{Role: "system", Parts: []any{textPart{"text", mark}}})
			break
		}
		g.spend(messageLen)
		out = append(out, message{Role: role(m.Role), Parts: parts(m.Parts, g)})
	}
	slices.Reverse(out)
	return out
}

func parts(ps []llms.ContentPart, g *Gate) []any {
	out := make([]any, 0, min(len(ps), 1024))
	for i, p := range ps {
		if g.isFull() {
			return append(out, textPart{"text", moreWereCut(len(ps) - i)})
		}
		out = append(out, part(p, g))
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
			mark := textPart{"text", moreWereCut(len(res.Choices) - i)}
			out = append(out, outputMessage{message{assistant, []any{mark}}, name(genai.FinishReason(c.StopReason), g)})
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

func choiceParts(c *llms.ContentChoice, g *Gate) []any {
	ps := []any{}
	if c.ReasoningContent != "" {
		ps = append(ps, text("reasoning", c.ReasoningContent, g))
	}
	if c.Content != "" {
		ps = append(ps, text("text", c.Content, g))
	}
	for i, tc := range c.ToolCalls {
		if g.isFull() {
			return append(ps, textPart{"text", moreWereCut(len(c.ToolCalls) - i)})
		}
		ps = append(ps, part(tc, g))
	}
	if c.FuncCall != nil && len(c.ToolCalls) == 0 {
		ps = append(ps, toolCall("", c.FuncCall, g))
	}
	return ps
}

func text(kind, s string, g *Gate) textPart {
	g.spend(partLen)
	return textPart{kind, g.text("", s)}
}

func toolCall(id string, f *llms.FunctionCall, g *Gate) toolCallPart {
	g.spend(partLen)
	c := toolCallPart{Type: "tool_call", ID: name(id, g)}
	if f != nil {
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
		return "assistant"
	case llms.ChatMessageTypeFunction:
		return "tool"
	default:
		return privacy.CleanName(string(t))
	}
}

func part(p llms.ContentPart, g *Gate) any {
	switch p := p.(type) {
	case llms.TextContent:
		return text("text", p.Text, g)
	case llms.ImageURLContent:
		g.spend(binaryLen)
		if mime, ok := dataURL(p.URL); ok {
			return binary("image", mime, []byte(p.URL))
		}
		return uriPart{"uri", "image", g.text("", p.URL)}
	case llms.BinaryContent:
		g.spend(binaryLen)
		mime := name(p.MIMEType, g)
		modality, _, _ := strings.Cut(mime, "/")
		return binary(modality, mime, p.Data)
	case llms.ToolCall:
		return toolCall(p.ID, p.FunctionCall, g)
	case llms.ToolCallResponse:
		g.spend(partLen)
		return toolResponsePart{"tool_call_response", name(p.ToolCallID, g), arguments(p.Content, g)}
	case llms.CachedContent:
		return part(p.ContentPart, g)
	case nil:
		g.spend(partLen)
		return textPart{"text", ""}
	default:
		g.spend(partLen)
		return map[string]any{"type": "unknown"}
	}
}

func binary(modality, mime string, data []byte) binaryPart {
	sum := sha256.Sum256(data)
	return binaryPart{"binary", modality, mime, len(data), hex.EncodeToString(sum[:])}
}

// InputMessage renders a value that is no message as the text of a user's.
func InputMessage(v any, g *Gate) string {
	return marshal([]message{{"user", []any{asTextPart(v, g)}}})
}

// OutputMessage renders a value that is no response as the text of an answer.
func OutputMessage(v any, g *Gate) string {
	return marshal([]outputMessage{{message{assistant, []any{asTextPart(v, g)}}, ""}})
}

func asTextPart(v any, g *Gate) textPart {
	g.spend(messageLen)
	if _, ok := v.(string); !ok {
		g.spend(g.left / 2) // quotation marks of JSON inside JSON are escaped
	}
	return textPart{"text", Text(v, g)}
}
