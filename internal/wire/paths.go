// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"strings"

	"github.com/spanloom/spanloom/internal/providers"
)

// node is a place in a JSON value that has a meaning or leads to one.
type node struct {
	keys       map[string]*node // of an object
	elem       *node            // of an array, whatever the index
	field      providers.Field  // 0: none
	fallback   bool
	trueReason string
	isChoice   bool // each is one of several answers
}

// maxDepth is the number of containers around the deepest field.
const maxDepth = 8

// root is where a response begins, rootList where a list of several begins.
var (
	root     = compile(&providers.Known)
	rootList = &node{elem: root}
)

func compile(shape *providers.Shape) *node {
	n := &node{}
	for path, field := range shape.Paths {
		n.add(path, field)
	}
	for path, reason := range shape.TrueReasons {
		n.add(path, providers.FinishReason).trueReason = reason
	}
	for _, object := range shape.UsageObjects {
		for path, field := range shape.Usage {
			n.add(object+"."+path, field)
		}
	}
	return n
}

func (n *node) add(path string, field providers.Field) *node {
	var choice *node
	for key := range strings.SplitSeq(path, ".") {
		key, isList := strings.CutSuffix(key, "[]")
		n = n.child(key)
		if isList {
			if n.elem == nil {
				n.elem = &node{}
			}
			n = n.elem
			choice = n
		}
	}
	n.field, n.fallback = field&^providers.Fallback, field&providers.Fallback != 0
	if choice != nil && n.field == providers.FinishReason {
		choice.isChoice = true
	}
	return n
}

func (n *node) child(key string) *node {
	if n.keys == nil {
		n.keys = make(map[string]*node)
	}
	c := n.keys[key]
	if c == nil {
		c = &node{}
		n.keys[key] = c
	}
	return c
}
