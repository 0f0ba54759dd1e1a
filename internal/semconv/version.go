// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"runtime/debug"
	"sync"
)

// ScopeVersion is the version of this module in the running program, or "" where the
// program was built from a work tree.
var ScopeVersion = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return versionIn(info)
})

func versionIn(info *debug.BuildInfo) string {
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path != ScopeName {
			continue
		}
		if m.Replace != nil {
			m = m.Replace
		}
		if m.Version == "(devel)" {
			return ""
		}
		return m.Version
	}
	return ""
}
