// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

type lateHandler struct{}

//go:noinline
func (lateHandler) handleLate() (pc uintptr) {
	pc, _, _, _ = runtime.Caller(0)
	return pc + 1 // as a return address
}

func TestRolesAddUpAndMayComeLate(t *testing.T) {
	pc := lateHandler{}.handleLate()
	assert.Zero(t, roleAt(pc))
	assert.Zero(t, roleAt(pc), "from the cache")
	Register(func(function string) Role {
		if strings.HasSuffix(function, ".handleLate") {
			return StartEvent
		}
		return 0
	})
	RegisterFunc(lateHandler.handleLate, Emitter)
	assert.Equal(t, StartEvent|Emitter, roleAt(pc))
	assert.Zero(t, testing.AllocsPerRun(100, func() { roleAt(pc) }))
}
