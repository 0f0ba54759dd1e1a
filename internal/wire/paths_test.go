// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/internal/providers"
)

func TestPaths(t *testing.T) {
	assert.LessOrEqual(t, int(providers.NumFields), 32, "values.strong has a bit for each")
	var walk func(n *node, depth int)
	walk = func(n *node, depth int) {
		container := n.keys != nil || n.elem != nil
		if n.field != providers.ErrorText && n.field != providers.Cost && n.field != providers.Delta { // a text or a number, or an object
			assert.False(t, container && n.field != 0, "a field has parts")
		}
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
