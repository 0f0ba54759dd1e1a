// SPDX-License-Identifier: Apache-2.0

package content

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/genai"
)

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("a user's") }

func TestToolDefinitions(t *testing.T) {
	o := llms.CallOptions{
		Tools: []llms.Tool{
			{Type: "function", Function: &llms.FunctionDefinition{Name: "weather", Description: "of a city", Parameters: map[string]any{
				"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string", "description": "its name"}},
			}}},
			{Type: "web_search"},
		},
		Functions: []llms.FunctionDefinition{{Name: "old", Parameters: panicking{}}},
	}
	assert.JSONEq(t, `[{"type":"function","name":"weather","description":"OF A CITY","parameters":{"type":"OBJECT","properties":{"city":
		{"type":"STRING","description":"ITS NAME"}}}},{"type":"web_search","name":""},{"type":"function","name":"old","parameters":"<content.panicking>"}]`,
		ToolDefinitions(genai.Tools(&o), each(strings.ToUpper)), "flat, and everything but names and keys goes through the gate")
	assert.Equal(t, "[]", ToolDefinitions(nil, each(strings.ToUpper)))
}
