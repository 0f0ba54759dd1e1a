// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/tmc/langchaingo/llms"
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

// InputMessages renders gen_ai.input.messages.
func InputMessages(ms []llms.MessageContent, gate Gate) string {
	return marshal(inputMessages(ms, gate))
}

func inputMessages(ms []llms.MessageContent, gate Gate) []message {
	out := make([]message, len(ms))
	for i, m := range ms {
		out[i] = message{Role: role(m.Role), Parts: make([]any, 0, len(m.Parts))}
		for _, p := range m.Parts {
			out[i].Parts = append(out[i].Parts, part(p, gate))
		}
	}
	return out
}

// OutputMessages renders gen_ai.output.messages: a message per choice, or one of
// all of them where they are the blocks of one message.
func OutputMessages(res *llms.ContentResponse, gate Gate) string {
	if res == nil {
		return "[]"
	}
	out, blocks := make([]outputMessage, 0, len(res.Choices)), areBlocks(res)
	for _, c := range res.Choices {
		if c == nil {
			continue
		}
		parts := choiceParts(c, gate)
		if n := len(out); n > 0 && blocks {
			out[n-1].Parts = append(out[n-1].Parts, parts...)
			continue
		}
		out = append(out, outputMessage{message{"assistant", parts}, FinishReason(c.StopReason)})
	}
	return marshal(out)
}

func choiceParts(c *llms.ContentChoice, gate Gate) []any {
	parts := []any{}
	if c.ReasoningContent != "" {
		parts = append(parts, textPart{"reasoning", gate(c.ReasoningContent)})
	}
	if c.Content != "" {
		parts = append(parts, textPart{"text", gate(c.Content)})
	}
	for _, tc := range c.ToolCalls {
		parts = append(parts, part(tc, gate))
	}
	if c.FuncCall != nil && len(c.ToolCalls) == 0 {
		parts = append(parts, toolCallPart{"tool_call", "", c.FuncCall.Name, arguments(c.FuncCall.Arguments, gate)})
	}
	return parts
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
		return string(t)
	}
}

func part(p llms.ContentPart, gate Gate) any {
	switch p := p.(type) {
	case llms.TextContent:
		return textPart{"text", gate(p.Text)}
	case llms.ImageURLContent:
		if mime, ok := dataURL(p.URL); ok {
			return binary("image", mime, []byte(p.URL))
		}
		return uriPart{"uri", "image", gate(p.URL)}
	case llms.BinaryContent:
		modality, _, _ := strings.Cut(p.MIMEType, "/")
		return binary(modality, p.MIMEType, p.Data)
	case llms.ToolCall:
		c := toolCallPart{Type: "tool_call", ID: p.ID}
		if p.FunctionCall != nil {
			c.Name, c.Arguments = p.FunctionCall.Name, arguments(p.FunctionCall.Arguments, gate)
		}
		return c
	case llms.ToolCallResponse:
		return toolResponsePart{"tool_call_response", p.ToolCallID, arguments(p.Content, gate)}
	case llms.CachedContent:
		return part(p.ContentPart, gate)
	case nil:
		return textPart{"text", ""}
	default:
		return map[string]any{"type": "unknown"}
	}
}

// dataURL returns the type of a URL that carries its data. The type ends at the
// first ";" or "," ("data:image/svg+xml,<svg…" has no ";"), and may be left out.
func dataURL(u string) (mime string, ok bool) {
	const scheme = "data:"
	u = strings.TrimSpace(u)
	if len(u) < len(scheme) || !strings.EqualFold(u[:len(scheme)], scheme) {
		return "", false
	}
	if u = u[len(scheme):]; !strings.ContainsAny(u, ";,") {
		return "", true
	}
	return u[:strings.IndexAny(u, ";,")], true
}

// arguments keeps JSON as JSON, so that a viewer can fold it, and anything else
// as a string.
func arguments(s string, gate Gate) any {
	if t := strings.TrimSpace(s); strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[") {
		if v, ok := decode([]byte(t)); ok {
			return gated(v, gate)
		}
	}
	return gate(s)
}

func binary(modality, mime string, data []byte) binaryPart {
	sum := sha256.Sum256(data)
	return binaryPart{"binary", modality, mime, len(data), hex.EncodeToString(sum[:])}
}
