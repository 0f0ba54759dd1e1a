// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package chromem

import "os"

// lockFile opens the file. Systems without flock (AIX, Plan 9, Solaris,
// WebAssembly) cannot say whether another process has it open too.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}
