// SPDX-License-Identifier: Apache-2.0

//go:build integration && !linux

package process

import "os/exec"

// dieWithParent does nothing: only Linux can tie a process to its parent.
func dieWithParent(*exec.Cmd) {}
