// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/examples/internal/cli"
	"github.com/spanloom/spanloom/internal/oteltest"
)

func runApp(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := app{stdout: &out, stderr: &errs, getenv: func(string) string { return "" }, latency: 30 * time.Millisecond}
	code = a.main(t.Context(), args)
	return code, out.String(), errs.String()
}

func TestGolden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		code, stdout, stderr := runApp(t, "-docs", "../rag/testdata/docs")
		assert.Zero(t, code, stderr)
		oteltest.Golden(t, "docanalysis", stdout)
	})
}

func TestBadInput(t *testing.T) {
	for want, args := range map[string][]string{
		"-h lists the flags":      {"-bogus"},
		"does not exist":          {"-docs", "none"},
		"use one of offline":      {"-provider", "acme"},
		"unexpected argument \"x": {"x"},
	} {
		code, stdout, stderr := runApp(t, args...)
		assert.Equal(t, cli.ExitUsage, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, want)
	}
}
