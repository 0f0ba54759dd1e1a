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
	for share, want := range map[float64][2][]int{
		0:   {},
		0.1: {{2, 12, 22}, {7, 17, 27}},
		0.5: {{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29}, {2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30}},
	} {
		f := &Failing{Model: Model{}, Share: share}
		var got [2][]int
		for i := 1; i <= 30; i++ {
			prompt := "Summarize: sentence number " + strconv.Itoa(i) + "."
			_, err := f.Call(t.Context(), prompt)
			switch {
			case llms.IsRateLimitError(err):
				got[1] = append(got[1], i)
				_, err = f.Call(t.Context(), prompt)
				require.NoError(t, err, "the second time it works")
			case err != nil:
				got[0] = append(got[0], i)
			}
		}
		assert.Equal(t, want, got, share)
	}
}
