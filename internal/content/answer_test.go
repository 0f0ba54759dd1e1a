// SPDX-License-Identifier: Apache-2.0

package content

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A stream's parts make the same answer in each protocol.
func TestAnswerOfStreams(t *testing.T) {
	want := `[{"role":"assistant","parts":[{"type":"text","content":"I look."},{"type":"tool_call","id":"c1","name":"look","arguments":{"q":"x"}}],"finish_reason":"tool_call"}]`
	for name, events := range map[string][]string{
		"openai": {
			`{"choices":[{"index":0,"delta":{"content":"I "}}]}`, `{"choices":[{"index":0,"delta":{"content":"look."}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":""}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"x\"}"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`,
		},
		"anthropic": {
			`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"I look."}}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c1","name":"look","input":{}}}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"q\":"}}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"x\"}"}}`,
			`{"type":"message_delta","delta":{"stop_reason":"tool_use"}}`,
		},
		"cohere": {
			`{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"I look."}}}}`,
			`{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"q\":\"x\"}"}}}}}`,
			`{"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}}`,
		},
	} {
		var a Answer
		for _, e := range events {
			a.Add([]byte(e))
		}
		assert.JSONEq(t, want, OutputMessages(a.Response(), verbatim()), name)
	}
}

func TestAnswerIsBounded(t *testing.T) {
	var a Answer
	for range 100 {
		a.Add([]byte(`{"message":{"content":"` + strings.Repeat("x", 100<<10) + `"}}`))
	}
	assert.LessOrEqual(t, len(a.Response().Choices[0].Content), 2*maxAnswer)
}
