// SPDX-License-Identifier: Apache-2.0

//go:build integration

package process

import (
	"os/exec"
	"syscall"
)

// dieWithParent covers the ends of a test binary that run no cleanup, such as the
// panic of go test -timeout: the server would outlive them.
func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
