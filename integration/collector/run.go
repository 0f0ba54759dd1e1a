// SPDX-License-Identifier: Apache-2.0

//go:build integration

package collector

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/spanloom/spanloom/integration/internal/process"
)

// Run runs a Collector with a configuration of one's own, and with no environment but
// env. The test must stop it; what is left is killed when the test ends. The error is
// EADDRINUSE if somebody else has taken one of its addresses.
func Run(t testing.TB, config string, env ...string) (*process.Process, error) {
	t.Helper()
	binary, err := findBinary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "--config", config)
	cmd.Env, cmd.Dir = env, t.TempDir()
	p, err := process.Start(cmd, stopTimeout)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("output of the collector with %s:\n%s", config, &p.Output)
		}
	})
	if err := p.WaitFor(readyMessage, startTimeout); err != nil {
		if strings.Contains(p.Output.String(), "address already in use") {
			err = fmt.Errorf("%w: %w", err, syscall.EADDRINUSE)
		}
		return nil, fmt.Errorf("collector: %w\n%s", err, &p.Output)
	}
	return p, nil
}
