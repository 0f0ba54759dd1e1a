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
	case *[]llms.MessageContent:
		if v != nil {
			c.messages(*v)
		}
	case []llms.MessageContent:
		c.messages(v)
	case *llms.ContentResponse:
		if v != nil {
			for _, choice := range v.Choices {
				c.choice(choice)
			}
		}
	case string:
		c.text(v)
	case []byte:
		if depth == 0 {
			c.text(string(v))
		}
	case []string:
		if depth == 0 {
			for _, e := range v {
				c.text(e)
			}
		}
	case schema.Document:
		c.document(v)
	case *schema.Document:
		if v != nil {
			c.document(*v)
		}
	case []schema.Document:
		c.documents(v)
	case *Added:
		if v.IDs == nil { // Otherwise they are known already.
			c.documents(v.Docs)
		}
	case vectorstores.Options:
		if text, ok := builder(v.Filters); ok {
			c.quoted(text)
		} else {
			c.value(v.Filters, depth)
		}
	case []llms.Tool:
		for _, t := range v {
			if t.Function != nil {
				c.text(t.Function.Description)
			}
		}
	case []llms.ChatMessage:
		for _, m := range v {
			if c.full() {
				return
			}
			c.chatMessage(m)
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
	case llms.ChatMessage:
		c.chatMessage(v)
	default:
		// A string type of the user's.
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.String {
			c.text(rv.String())
		}
	}
}

func (c *collector) messages(list []llms.MessageContent) {
	for i := range list {
		for _, p := range list[i].Parts {
			if c.full() {
				return
			}
			c.part(p)
		}
	}
}

func (c *collector) documents(list []schema.Document) {
	for i := range list {
		if c.full() {
			return
		}
		c.document(list[i])
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
	for i := range choice.ToolCalls {
		if call := choice.ToolCalls[i].FunctionCall; call != nil {
			c.text(call.Arguments)
		}
	}
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
