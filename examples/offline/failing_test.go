// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
)

func TestFailing(t *testing.T) {
	f := &Failing{Model: Model{}, Share: 0.2}
	const prompts = 1000
	var good, limited []string
	for i := range prompts {
		prompt := "Summarize: sentence number " + strconv.Itoa(i) + "."
		_, err := f.Call(t.Context(), prompt)
		switch {
		case err == nil:
			good = append(good, prompt)
		case llms.IsRateLimitError(err):
			limited = append(limited, prompt)
		}
	}
	bad := prompts - len(good) - len(limited)
	assert.InDelta(t, 800, len(good), 60)
	assert.InDelta(t, 100, len(limited), 40)
	assert.InDelta(t, 100, bad, 40)
	for _, prompt := range append(good, limited...) {
		_, err := f.Call(t.Context(), prompt)
		require.NoError(t, err, "the second time it works")
	}
	_, err := f.Call(t.Context(), limited[0])
	assert.True(t, llms.IsRateLimitError(err), "and then it begins anew")
}
