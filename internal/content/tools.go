// SPDX-License-Identifier: Apache-2.0

package content

import "github.com/tmc/langchaingo/llms"

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
	out := make([]toolDefinition, 0, min(len(tools), 1024))
	for i, t := range tools {
		if g.isFull() {
			out = append(out, toolDefinition{Type: function, Name: moreWereCut(len(tools) - i)})
			break
		}
		out = append(out, renderTool(t, g))
	}
	return marshal(out)
}

const function = "function"

func renderTool(t llms.Tool, g *Gate) toolDefinition {
	g.spend(partLen)
	d := toolDefinition{Type: name(t.Type, g)}
	if d.Type == "" {
		d.Type = function
	}
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
