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

	"github.com/spanloom/spanloom/examples/internal/backend"
)

// Secrets in documents, their names and questions: what the program prints of
// its telemetry and what it sends holds none of them.
func TestCanaries(t *testing.T) {
	backend.SearchCanaries(t, []string{"document", "name", "question"}, func(t *testing.T) string {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, backend.Canary("name")+".md"),
			[]byte("# Patients\n\nThe patient named "+backend.Canary("document")+" has a fever."), 0o600))
		var out, errs bytes.Buffer
		a := app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: os.Getenv}
		code := a.main(t.Context(), []string{"-docs", dir, "-metrics", "-q", "Which patient has a fever, " + backend.Canary("question") + "?"})
		require.Zero(t, code, errs.String())
		answer, telemetry, ok := strings.Cut(out.String(), "invoke_workflow")
		require.True(t, ok)
		assert.Contains(t, answer, backend.Canary("document"), "the user gets the answer")
		return telemetry
	})
}
