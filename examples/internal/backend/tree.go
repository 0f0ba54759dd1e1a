// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/traceview"
)

// GoldenTree runs a program and compares the tree of the spans that it exports with
// testdata/tree.golden.
func GoldenTree(t *testing.T, program func()) {
	t.Helper()
	memory := Export(t)
	program()
	var tree bytes.Buffer
	require.NoError(t, traceview.Tree(&tree, memory.Spans(), traceview.WithoutTimes(), traceview.WithWidth(0), traceview.WithColor(false)))
	oteltest.Golden(t, "tree", tree.String())
}
