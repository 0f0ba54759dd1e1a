// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"bytes"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/traceview"
)

var programRan atomic.Bool

// GoldenTree runs a program and compares the tree of the spans that it exports with
// testdata/tree.golden. A program runs once in a process: a Handler that is a variable of
// its package stays with the providers that the first run has shut down.
func GoldenTree(t *testing.T, program func()) {
	t.Helper()
	if programRan.Swap(true) {
		t.Skip("the program ran in this process already")
	}
	memory := Export(t)
	program()
	var tree bytes.Buffer
	require.NoError(t, traceview.Tree(&tree, memory.Spans(), traceview.WithoutTimes(), traceview.WithWidth(0), traceview.WithColor(false)))
	oteltest.Golden(t, "tree", tree.String())
}
