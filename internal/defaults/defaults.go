// SPDX-License-Identifier: Apache-2.0

// Package defaults holds what spanloom.Init sets for Handlers made after it.
package defaults

import (
	"sync/atomic"

	"github.com/spanloom/spanloom/privacy"
)

var content atomic.Pointer[privacy.Policy]

// SetContent sets the content policy of Handlers that are given none; nil is a
// policy too, the one that records nothing. The returned function takes it back.
func SetContent(policy privacy.Policy) (undo func()) {
	p := &policy
	content.Store(p)
	return func() { content.CompareAndSwap(p, nil) }
}

// Content returns what SetContent set.
func Content() (policy privacy.Policy, ok bool) {
	if p := content.Load(); p != nil {
		return *p, true
	}
	return nil, false
}
