// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Secrets of a customer, in every place of this road that content passes.
const (
	canaryDocument = "canary-doc-7f3a"
	canaryMetadata = "canary-meta-51c2"
	canaryQuestion = "canary-question-9d0e"
)

// TestNoContentLeavesTheProgram runs the program against a backend and searches
// every byte the backend got. The second case proves that the search finds what
// is there.
func TestNoContentLeavesTheProgram(t *testing.T) {
	for _, tc := range []struct {
		name, variable, value string
		found                 bool
	}{
		{"by default", "", "", false},
		{"with content on", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var mu sync.Mutex
			var wire bytes.Buffer
			backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				_, _ = io.Copy(&wire, r.Body)
			}))
			t.Cleanup(backend.Close)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", backend.URL)
			if tc.variable != "" {
				t.Setenv(tc.variable, tc.value)
			}
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, canaryMetadata+".md"),
				[]byte("# Patients\n\nThe patient named "+canaryDocument+" has a fever."), 0o600))

			var out, errs bytes.Buffer
			a := app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: os.Getenv}
			code := a.main(t.Context(), []string{"-docs", dir, "-q", "Which patient has a fever, " + canaryQuestion + "?"})
			require.Zero(t, code, errs.String())
			answer, telemetry, ok := strings.Cut(out.String(), "invoke_workflow")
			require.True(t, ok)
			assert.Contains(t, answer, canaryDocument, "the user gets the answer")

			emitted := wire.String() + telemetry
			assert.Contains(t, emitted, "chat offline-extractive", "the backend got the run")
			for _, canary := range []string{canaryDocument, canaryMetadata, canaryQuestion} {
				assert.Equal(t, tc.found, strings.Contains(emitted, canary), canary)
			}
		})
	}
}
