// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersionIn(t *testing.T) {
	other := &debug.Module{Path: "example.com/other", Version: "v9.0.0"}
	for want, info := range map[string]*debug.BuildInfo{
		"v1.2.3": {Main: debug.Module{Path: "example.com/app", Version: "(devel)"}, Deps: []*debug.Module{other, {Path: ScopeName, Version: "v1.2.3"}}},
		"v1.3.0": {Deps: []*debug.Module{{Path: ScopeName, Version: "v1.2.3", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.3.0"}}}},
		"v1.4.0": {Main: debug.Module{Path: ScopeName, Version: "v1.4.0"}},
		"":       {Main: debug.Module{Path: ScopeName, Version: "(devel)"}, Deps: []*debug.Module{other}},
	} {
		assert.Equal(t, want, versionIn(info))
	}
	assert.Empty(t, versionIn(&debug.BuildInfo{Deps: []*debug.Module{other}}))
}
