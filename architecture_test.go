// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestArchitecture: each file that docs/architecture.md answers a question with exists.
func TestArchitecture(t *testing.T) {
	answers := regexp.MustCompile(`(?m)^\| where [^|]*\| .*$`).FindAllString(read(t, "docs/architecture.md"), -1)
	assert.Len(t, answers, 16)
	for _, line := range answers {
		for _, path := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			_, err := os.Stat(path[1])
			assert.NoError(t, err, line)
		}
	}
}
