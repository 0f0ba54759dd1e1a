// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		assert.Equal(t, want, ErrorType(err, nil, Exchange{}))
		assert.Equal(t, want, ErrorType(fmt.Errorf("run: %w: %s", err, "detail"), nil, Exchange{}))
	}
}

// OpenAI's client has no variables for the texts it hides errors of the HTTP
// client behind.
func TestErrorTypeOfWhatOpenAIHides(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tmc/langchaingo").Output()
	require.NoError(t, err)
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "llms/openai/internal/openaiclient/openaiclient.go"))
	require.NoError(t, err)
	_, body, ok := strings.Cut(string(source), "func sanitizeHTTPError(")
	require.True(t, ok)
	texts := regexp.MustCompile(`errors\.New\("(.*)"\)`).FindAllStringSubmatch(body, -1)
	require.Len(t, texts, 4)
	for _, text := range texts {
		assert.NotEmpty(t, untypedError(text[1]), text[1])
	}
}
