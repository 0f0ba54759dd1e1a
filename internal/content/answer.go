// SPDX-License-Identifier: Apache-2.0

package content

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/llms"
)

// Answer puts the answer of a model together from the JSON values of a response, in any
// of the protocols that package providers knows. It keeps about 1 MiB of text at most.
// It is for one goroutine.
type Answer struct {
	choices map[int]*choice
	size    int
}

const maxAnswer = 1 << 20

// choice is one of the answers, with its tool calls by their index.
type choice struct {
	text, reasoning strings.Builder
	stop            string
	calls           []*llms.ToolCall
	places          map[int]*llms.ToolCall
}

// Add takes one value: a document, or an event of a stream.
func (a *Answer) Add(text []byte) {
	if a.size += len(text); a.size > 2*maxAnswer {
		return
	}
	for _, v := range asList(decodeAll(text)) {
		if o, ok := v.(object); ok {
			a.add(o)
		}
	}
}

// Response returns the answer so far, or nil if there is none.
func (a *Answer) Response() *llms.ContentResponse {
	if len(a.choices) == 0 {
		return nil
	}
	res := &llms.ContentResponse{}
	for _, i := range slices.Sorted(maps.Keys(a.choices)) {
		c := a.choices[i]
		out := &llms.ContentChoice{Content: c.text.String(), ReasoningContent: c.reasoning.String(), StopReason: c.stop}
		for _, call := range c.calls {
			out.ToolCalls = append(out.ToolCalls, *call)
		}
		res.Choices = append(res.Choices, out)
	}
	return res
}

func (a *Answer) choice(i int) *choice {
	if a.choices == nil {
		a.choices = map[int]*choice{}
	}
	i = min(max(i, 0), 15)
	if a.choices[i] == nil {
		a.choices[i] = &choice{places: map[int]*llms.ToolCall{}}
	}
	return a.choices[i]
}

func (a *Answer) add(o object) {
	for _, key := range []string{"choices", "candidates"} {
		for _, c := range listAt(o, key) {
			c, _ := c.(object)
			to := a.choice(int(numberAt(c, "index")))
			to.take(objectAt(c, "message", "delta", "content"))
			to.stop = cmp.Or(stringAt(c, "finish_reason", "finishReason"), to.stop)
		}
	}
	delta := objectAt(o, "delta")
	switch kind := stringAt(o, "type"); {
	case kind == "content_block_start": // Anthropic's streams
		a.choice(0).part(objectAt(o, "content_block"), int(numberAt(o, "index")))
	case kind == "content_block_delta":
		a.choice(0).blockDelta(delta, int(numberAt(o, "index")))
	case kind == "message":
		a.choice(0).take(o)
	case strings.HasSuffix(kind, "output_text.delta"): // OpenAI's Responses
		a.choice(0).text.WriteString(stringAt(o, "delta"))
	case listAt(o, "output") != nil:
		delete(a.choices, 0) // the whole takes the place of its parts
		for _, item := range listAt(o, "output") {
			item, _ := item.(object)
			if stringAt(item, "type") == "message" {
				a.choice(0).take(item)
			} else {
				a.choice(0).part(item, -1)
			}
		}
	}
	if r := objectAt(o, "response"); r != nil && listAt(r, "output") != nil {
		a.add(r)
	}
	if m := objectAt(delta, "message"); m != nil { // Cohere's streams
		a.choice(0).take(m)
	}
	if m := objectAt(o, "message"); m != nil && stringAt(m, "type") == "" { // Ollama, Cohere
		a.choice(0).take(m)
	}
	if s := stringAt(o, "response"); s != "" { // Ollama's /api/generate
		a.choice(0).text.WriteString(s)
	}
	if stop := cmp.Or(stringAt(o, "stop_reason", "done_reason", "finish_reason"), stringAt(delta, "stop_reason", "finish_reason")); stop != "" {
		a.choice(0).stop = stop
	}
}

// take adds a message, or what is new in one.
func (c *choice) take(m object) {
	for _, key := range []string{"content", "parts"} {
		for _, p := range asList(m[key]) {
			switch p := p.(type) {
			case string:
				c.text.WriteString(p)
			case object:
				c.part(p, -1)
			}
		}
	}
	c.reasoning.WriteString(stringAt(m, "reasoning_content", "reasoning", "thinking"))
	for _, call := range asList(m["tool_calls"]) {
		call, _ := call.(object)
		place := -1
		if call["index"] != nil {
			place = int(numberAt(call, "index"))
		}
		c.part(call, place)
	}
}

// part adds a part. Those of one place from 0 on are one tool call.
func (c *choice) part(p object, place int) {
	call, ok := callOf(p)
	switch known := c.places[place]; {
	case ok && known != nil && place >= 0:
		known.FunctionCall.Name += call.FunctionCall.Name
		known.FunctionCall.Arguments += call.FunctionCall.Arguments
	case ok:
		if call.FunctionCall.Arguments == "{}" && place >= 0 {
			call.FunctionCall.Arguments = "" // Anthropic's streams begin so
		}
		c.calls = append(c.calls, &call)
		c.places[place] = &call
	case p["thought"] == true:
		c.reasoning.WriteString(stringAt(p, "text"))
	default:
		c.text.WriteString(stringAt(p, "text", "refusal"))
		c.reasoning.WriteString(stringAt(p, "thinking"))
		for _, s := range listAt(p, "summary") { // of OpenAI's reasoning
			s, _ := s.(object)
			c.reasoning.WriteString(stringAt(s, "text"))
		}
	}
}

// blockDelta adds what is new in a content block of Anthropic's.
func (c *choice) blockDelta(delta object, place int) {
	if call := c.places[place]; call != nil {
		call.FunctionCall.Arguments += stringAt(delta, "partial_json")
	}
	c.part(delta, -1)
}
