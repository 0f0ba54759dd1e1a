// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
)

// AppendStrings appends the texts inside the values langchaingo passes around,
// limit strings at most, without reflection: it runs when content is off too.
// Types it does not know have no texts.
func AppendStrings(dst []string, v any, limit int) []string {
	end := len(dst) + limit
	return appendStrings(dst, v, end, 0)
}

func appendStrings(dst []string, v any, end, depth int) []string {
	// A chain's values can hold themselves.
	if len(dst) >= end || depth > 8 {
		return dst
	}
	switch v := v.(type) {
	case string:
		if v != "" {
			dst = append(dst, v)
		}
	case []string:
		for _, s := range v {
			dst = appendStrings(dst, s, end, depth+1)
		}
	case []llms.MessageContent:
		for _, m := range v {
			for _, p := range m.Parts {
				dst = appendPart(dst, p, end)
			}
		}
	case *llms.ContentResponse:
		if v == nil {
			return dst
		}
		for _, c := range v.Choices {
			if c == nil {
				continue
			}
			dst = appendStrings(dst, c.Content, end, depth+1)
			dst = appendStrings(dst, c.ReasoningContent, end, depth+1)
			for _, tc := range c.ToolCalls {
				dst = appendPart(dst, tc, end)
			}
		}
	case schema.Document:
		dst = appendStrings(dst, v.PageContent, end, depth+1)
	case []schema.Document:
		for _, d := range v {
			dst = appendStrings(dst, d.PageContent, end, depth+1)
		}
	case map[string]any:
		for _, e := range v {
			dst = appendStrings(dst, e, end, depth+1)
		}
	case map[string]string:
		for _, e := range v {
			dst = appendStrings(dst, e, end, depth+1)
		}
	case []any:
		for _, e := range v {
			dst = appendStrings(dst, e, end, depth+1)
		}
	}
	return dst
}

func appendPart(dst []string, p llms.ContentPart, end int) []string {
	if len(dst) >= end {
		return dst
	}
	switch p := p.(type) {
	case llms.TextContent:
		if p.Text != "" {
			dst = append(dst, p.Text)
		}
	case llms.ToolCall:
		if p.FunctionCall != nil && p.FunctionCall.Arguments != "" {
			dst = append(dst, p.FunctionCall.Arguments)
		}
	case llms.ToolCallResponse:
		if p.Content != "" {
			dst = append(dst, p.Content)
		}
	case llms.ImageURLContent:
		dst = append(dst, p.URL)
	case llms.CachedContent:
		dst = appendPart(dst, p.ContentPart, end)
	}
	return dst
}
