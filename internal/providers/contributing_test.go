// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestContributingShowsDeepSeek(t *testing.T) {
	page, err := os.ReadFile("../../CONTRIBUTING.md")
	require.NoError(t, err)
	for _, file := range []string{"deepseek.go", "deepseek_test.go"} {
		code, err := os.ReadFile(file)
		require.NoError(t, err)
		_, shown, ok := strings.Cut(string(code), "\n\n") // the licence's line
		require.True(t, ok)
		assert.Contains(t, string(page), "```go\n"+shown+"```\n", "CONTRIBUTING.md does not show %s as it is", file)
	}
}
