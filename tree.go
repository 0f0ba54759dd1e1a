// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"io"
	"os"

	"github.com/spanloom/spanloom/internal/envvars"
	"github.com/spanloom/spanloom/traceview"
)

// WithTree writes each finished trace to w as a tree: a line per span with a bar of
// time, tokens, cost and error. It needs no backend and stands beside any export.
//
// SPANLOOM_TREE=1 does the same on standard error without a change of the program.
// A goroutine of its own calls w, so that a slow w does not make the program wait; see
// [traceview.Printer].
func WithTree(w io.Writer) Option {
	return optionFunc(func(c config) config {
		if c.tree = w; w == nil {
			return c
		}
		return c.tracesBy("WithTree")
	})
}

// treeOfEnvironment is standard error where SPANLOOM_TREE asks for trees.
func treeOfEnvironment(env envvars.Lookup) io.Writer {
	if env.Bool(envvars.Tree, false) {
		return os.Stderr
	}
	return nil
}

// printer returns nil where no tree is asked for.
func (c config) printer() *traceview.Printer {
	if c.tree == nil {
		return nil
	}
	return traceview.NewPrinter(c.tree)
}
