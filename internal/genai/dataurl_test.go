// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDescribeData(t *testing.T) {
	picture := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("picture!", 20)))
	for in, want := range map[string]string{
		"":                                 "",
		"plain text":                       "plain text",
		"data:image/png;base64,QUJD":       "data:image/png;base64,QUJD",
		"write ;base64," + picture:         "write ;base64," + picture,
		"a data: b ;base64," + picture:     "a data: b ;base64," + picture,
		"data:image/png;base64," + picture: "data:image/png;base64,MARK",
		"![x](data:image/png;base64," + picture + ") and <img src=\"DATA:image/gif;base64," + picture + "\">": "![x](data:image/png;base64,MARK) and <img src=\"DATA:image/gif;base64,MARK\">",
	} {
		got := DescribeData(in)
		want = strings.ReplaceAll(want, "MARK", DescribeData("data:;base64," + picture)[len("data:;base64,"):])
		assert.Equal(t, want, got)
		assert.Equal(t, got, DescribeData(got), "done twice is done once")
	}
	assert.Regexp(t, `^data:;base64,\[216 characters, sha256:[0-9a-f]{16}\]$`, DescribeData("data:;base64,"+picture))

	start := time.Now()
	DescribeData(strings.Repeat("data:;base64,", 1<<17))
	assert.Less(t, time.Since(start), 5*time.Second, "linear")
}
