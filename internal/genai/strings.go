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
	c := collector{dst: dst, end: len(dst) + limit, visits: visitsPerString * limit}
	c.value(v, 0)
	return c.dst
}

// A chain's values can hold themselves: the depth keeps one text from taking
// every place, the visits bound a map that holds itself ten times and no text.
const (
	maxDepth        = 8
	visitsPerString = 32
)

type collector struct {
	dst         []string
	end, visits int
}

func (c *collector) full() bool { return len(c.dst) >= c.end || c.visits <= 0 }

func (c *collector) text(s string) {
	if s != "" && !c.full() {
		c.dst = append(c.dst, s)
	}
}

func (c *collector) value(v any, depth int) {
	c.visits--
	if c.full() || depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case string:
		c.text(v)
	case []string:
		each(c, v, c.text)
	case []llms.MessageContent:
		each(c, v, func(m llms.MessageContent) { each(c, m.Parts, c.part) })
	case *llms.ContentResponse:
		if v != nil {
			each(c, v.Choices, c.choice)
		}
	case schema.Document:
		c.text(v.PageContent)
	case []schema.Document:
		each(c, v, func(d schema.Document) { c.text(d.PageContent) })
	case map[string]any:
		for _, e := range v {
			if c.value(e, depth+1); c.full() {
				return
			}
		}
	case map[string]string:
		for _, e := range v {
			if c.text(e); c.full() {
				return
			}
		}
	case []any:
		each(c, v, func(e any) { c.value(e, depth+1) })
	}
}

func (c *collector) choice(choice *llms.ContentChoice) {
	if choice == nil {
		return
	}
	c.text(choice.Content)
	c.text(choice.ReasoningContent)
	each(c, choice.ToolCalls, func(tc llms.ToolCall) { c.part(tc) })
}

func (c *collector) part(p llms.ContentPart) {
	switch p := p.(type) {
	case llms.TextContent:
		c.text(p.Text)
	case llms.ToolCall:
		if p.FunctionCall != nil {
			c.text(p.FunctionCall.Arguments)
		}
	case llms.ToolCallResponse:
		c.text(p.Content)
	case llms.ImageURLContent:
		c.text(p.URL)
	case llms.CachedContent:
		c.part(p.ContentPart)
	}
}

func each[T any](c *collector, list []T, f func(T)) {
	for _, e := range list {
		if c.full() {
			return
		}
		f(e)
	}
}
