// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPaths(t *testing.T) {
	assert.LessOrEqual(t, int(numFacts), 32, "known.strong has a bit for each")
	seen := make(map[string]bool)
	all := append([]entry(nil), entries...)
	for _, at := range usages {
		for _, e := range usage {
			all = append(all, entry{path: at + "." + e.path})
		}
	}
	for _, e := range all {
		assert.False(t, seen[e.path], "%s is listed twice", e.path)
		seen[e.path] = true
	}
	var walk func(n *node, depth int)
	walk = func(n *node, depth int) {
		container := n.keys != nil || n.elem != nil
		assert.False(t, container && n.fact != factNone, "a fact has parts")
		if !container {
			assert.LessOrEqual(t, depth, maxDepth)
			return
		}
		for _, c := range n.keys {
			walk(c, depth+1)
		}
		if n.elem != nil {
			walk(n.elem, depth+1)
		}
	}
	walk(rootList, 0)
}
