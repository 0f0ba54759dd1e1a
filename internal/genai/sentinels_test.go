// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/agents"
	"github.com/tmc/langchaingo/chains"
)

// The texts are langchaingo's: a release that rewords one shows here.
func TestErrorTypeOfLangchaingosOwnErrors(t *testing.T) {
	for err, want := range map[error]string{
		agents.ErrNotFinished:            "max_iterations",
		agents.ErrUnableToParseOutput:    "output_parsing",
		agents.ErrAgentNoReturn:          "no_agent_return",
		agents.ErrExecutorInputNotString: "invalid_input",
		chains.ErrInvalidInputValues:     "invalid_input",
		chains.ErrMissingInputValues:     "invalid_input",
		chains.ErrInputValuesWrongType:   "invalid_input",
		chains.ErrInvalidOutputValues:    "invalid_output",
	} {
		assert.Equal(t, want, ErrorType(err, nil, 0))
		assert.Equal(t, want, ErrorType(fmt.Errorf("run: %w: %s", err, "detail"), nil, 0))
	}
}
