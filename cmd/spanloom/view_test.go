// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const request = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"chat m","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}`

func viewed(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = view(args, strings.NewReader(stdin), &out, &errOut)
	return code, out.String(), errOut.String()
}

func TestView(t *testing.T) {
	file := filepath.Join(t.TempDir(), "traces.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(request), 0o600))
	code, out, _ := viewed(t, "", file)
	assert.Zero(t, code)
	assert.Contains(t, out, "trace 0af7651916cd43dd8448eb211c80319c\nchat m")
	code, out, _ = viewed(t, request, "-trace", "0AF7", "-")
	assert.Zero(t, code)
	assert.Contains(t, out, "chat m")

	page := filepath.Join(t.TempDir(), "out.html")
	code, out, _ = viewed(t, "", "-html", page, file)
	assert.Zero(t, code)
	assert.Empty(t, out)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(html), "chat m")
}

func TestViewSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		stdin, want string
		args        []string
		code        int
	}{
		{"", "name a file", nil, 2},
		{"", "no such file", []string{"/nowhere"}, 1},
		{"{}", "resourceSpans", []string{"-"}, 1},
		{request, "there is no such span", []string{"-trace", "ffff", "-"}, 1},
		{request, "no such file", []string{"-html", "/nowhere/x.html", "-"}, 1},
		{"", "flag provided but not defined", []string{"-x"}, 2},
	} {
		code, _, stderr := viewed(t, tt.stdin, tt.args...)
		assert.Equal(t, tt.code, code, tt.args)
		assert.Contains(t, stderr, tt.want)
	}
	code, out, stderr := viewed(t, request+" x", "-")
	assert.Zero(t, code, "what can be read is shown")
	assert.Contains(t, out, "chat m")
	assert.Contains(t, stderr, "no JSON")
}
