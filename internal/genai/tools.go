// SPDX-License-Identifier: Apache-2.0

package genai

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
func ToolDefinitions(tools []llms.Tool, gate Gate) string {
	out := make([]toolDefinition, 0, len(tools))
	for _, t := range tools {
		d := toolDefinition{Type: t.Type}
		if d.Type == "" {
			d.Type = "function"
		}
		if f := t.Function; f != nil {
			d.Name = f.Name
			if f.Description != "" {
				d.Description = gate(f.Description)
			}
			if f.Parameters != nil {
				// A user's own value, perhaps with a MarshalJSON that panics.
				if v, ok := decoded(f.Parameters); ok {
					d.Parameters = gated(v, gate)
				}
			}
		}
		out = append(out, d)
	}
	return marshal(out)
}

// Tools are the tools a call offers, the older functions included.
func Tools(o *llms.CallOptions) []llms.Tool {
	if len(o.Functions) == 0 {
		return o.Tools
	}
	tools := make([]llms.Tool, 0, len(o.Tools)+len(o.Functions))
	tools = append(tools, o.Tools...)
	for i := range o.Functions {
		tools = append(tools, llms.Tool{Type: "function", Function: &o.Functions[i]})
	}
	return tools
}
