// SPDX-License-Identifier: Apache-2.0

package genai

import "github.com/tmc/langchaingo/llms"

// Tools returns the tools that a call offers, and the older functions as tools.
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
