// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"io"
	"os"

	"github.com/spanloom/spanloom/internal/envvars"
)

// WithTree writes each finished trace to w as a tree: a line per span with a bar of
// time, tokens, cost and error. It needs no backend and stands beside any export.
//
// SPANLOOM_TREE=1 does the same on standard error without a change of the program.
// A goroutine of its own calls w, so that a slow w does not make the program wait; see
// [traceview.Printer].
func WithTree(w io.Writer) Option {
	return forTraces("WithTree", func(c *config) { c.tree = w })
}

// treeOfEnvironment is standard error where SPANLOOM_TREE asks for trees.
func treeOfEnvironment(env envvars.Lookup) io.Writer {
	if env.Bool(envvars.Tree, false) {
		return os.Stderr
	}
	return nil
}
