// SPDX-License-Identifier: Apache-2.0

package content

import (
	"sync/atomic"

	"github.com/spanloom/spanloom/privacy"
)

var defaultPolicy atomic.Pointer[privacy.Policy]

// SetDefaultPolicy sets the policy of Handlers that are made later and given none.
// spanloom.Init calls it. None is a policy, too. The returned function takes it back.
func SetDefaultPolicy(policy privacy.Policy) (undo func()) {
	p := &policy
	defaultPolicy.Store(p)
	return func() { defaultPolicy.CompareAndSwap(p, nil) }
}

// DefaultPolicy returns what SetDefaultPolicy set, or nil.
func DefaultPolicy() *privacy.Policy { return defaultPolicy.Load() }
