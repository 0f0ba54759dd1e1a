// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// AppendStrings appends the texts inside the values langchaingo passes around,
// limit strings at most; it runs when content is off too. It looks into the map
// it is given, as langchaingo does, and into langchaingo's own types, but not
// into maps and slices inside that map: these are the user's, who may be writing
// them under a lock of theirs, and a map read meanwhile ends the process.
func AppendStrings(dst []string, v any, limit int) []string {
	c := collector{dst: dst, end: len(dst) + limit, visits: visitsPerString * limit}
	c.value(v, 0)
	return c.dst
}

// visitsPerString bounds the look into a large map without texts.
const visitsPerString = 32

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

// key takes a key that is no name of a program: it may be about somebody.
func (c *collector) key(k string) {
	if !isName(k) {
		c.text(k)
	}
}

func (c *collector) value(v any, depth int) {
	c.visits--
	if c.full() {
		return
	}
	switch v := v.(type) {
	case nil:
	case string:
		c.text(v)
	case []byte:
		if depth == 0 {
			c.text(string(v))
		}
	case []string:
		if depth == 0 {
			each(c, v, c.text)
		}
	case llms.ChatMessage:
		c.chatMessage(v)
	case []llms.ChatMessage:
		each(c, v, c.chatMessage)
	case vectorstores.Options:
		if text, ok := builder(v.Filters); ok {
			c.quoted(text)
		} else {
			c.value(v.Filters, depth)
		}
	case []llms.Tool:
		each(c, v, func(t llms.Tool) {
			if t.Function != nil {
				c.text(t.Function.Description)
			}
		})
	case *[]llms.MessageContent:
		if v != nil {
			each(c, *v, c.message)
		}
	case []llms.MessageContent:
		each(c, v, c.message)
	case *llms.ContentResponse:
		if v != nil {
			each(c, v.Choices, c.choice)
		}
	case schema.Document:
		c.document(v)
	case *schema.Document:
		if v != nil {
			c.document(*v)
		}
	case []schema.Document:
		each(c, v, c.document)
	case *Added:
		if v.IDs == nil { // Otherwise they are known already.
			each(c, v.Docs, c.document)
		}
	case map[string]any:
		if depth == 0 {
			for k, e := range v {
				c.key(k)
				if c.value(e, depth+1); c.full() {
					return
				}
			}
		}
	case map[string]string:
		if depth == 0 {
			for k, e := range v {
				c.key(k)
				if c.text(e); c.full() {
					return
				}
			}
		}
	default:
		// A string type of the user's.
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.String {
			c.text(rv.String())
		}
	}
}

// document takes the metadata's texts, too: stores quote them.
func (c *collector) document(d schema.Document) {
	c.text(d.PageContent)
	for k, e := range d.Metadata {
		c.key(k)
		if s, ok := e.(string); ok {
			c.text(s)
		}
	}
}

// chatMessage asks a message that may be a nil pointer, or a user's.
func (c *collector) chatMessage(m llms.ChatMessage) {
	defer func() { _ = recover() }()
	c.text(m.GetContent())
}

func (c *collector) choice(choice *llms.ContentChoice) {
	if choice == nil {
		return
	}
	c.text(choice.Content)
	c.text(choice.ReasoningContent)
	each(c, choice.ToolCalls, func(tc llms.ToolCall) { c.part(tc) })
}

func (c *collector) message(m llms.MessageContent) { each(c, m.Parts, c.part) }

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
