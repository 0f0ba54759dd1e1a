// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package process runs a server for a test and ends it with the test.
package process

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const modulePath = "github.com/spanloom/spanloom"

// Process is a running server. Its methods may be called from any goroutine.
type Process struct {
	// Output is what it has written to stdout and stderr.
	Output Output

	cmd     *exec.Cmd
	done    chan struct{}
	waitErr error // set before done is closed
}

// Start starts cmd, whose outputs it takes.
func Start(cmd *exec.Cmd, stopTimeout time.Duration) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	cmd.Stdout = &p.Output
	cmd.Stderr = &p.Output
	cmd.WaitDelay = stopTimeout
	dieWithParent(cmd)
	if err := p.run(); err != nil {
		return nil, err
	}
	return p, nil
}

// run starts the process and leaves a goroutine waiting for it. That goroutine keeps
// its thread for as long as the process lives, because the parent whose death
// dieWithParent acts on is the thread that started it.
func (p *Process) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()

		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.waitErr = p.cmd.Wait()
			close(p.done)
		}
	}()
	return <-started
}

// WaitFor waits until the output has the message. An open port alone proves
// nothing: it may belong to whoever won the race for it.
func (p *Process) WaitFor(message string, timeout time.Duration) error {
	deadline := time.Now().Add(timeout)
	for time.Now().Before(deadline) {
		if strings.Contains(p.Output.String(), message) {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("exited while starting: %w", p.waitErr)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("not ready after %v", timeout)
}

// Stop asks the process to end and waits for it. It is an error if it ended
// before, ends with an error, or has to be killed.
func (p *Process) Stop() error {
	select {
	case <-p.done:
		return fmt.Errorf("exited before it was stopped: %w", p.waitErr)
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err == nil {
		select {
		case <-p.done:
			return p.waitErr
		case <-time.After(p.cmd.WaitDelay):
		}
	}
	p.Kill()
	return fmt.Errorf("did not stop on SIGTERM within %v, killed", p.cmd.WaitDelay)
}

// Kill ends the process at once.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Output is a buffer that may be read while it is written.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String returns what was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// FreeAddrs holds all ports open until the last is known, or the kernel could hand
// out the same one twice. They are free again when it returns, so anyone may take
// one first: whoever starts a server there tries again when that happens.
func FreeAddrs(n int) ([]string, error) {
	addrs := make([]string, 0, n)
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }()
		addrs = append(addrs, l.Addr().String())
	}
	return addrs, nil
}

// Tools is where `make integration` puts what it builds and installs.
func Tools() (string, error) {
	root, err := repoRoot()
	return filepath.Join(root, ".tools"), err
}

// repoRoot goes by the module line, because a nested module has a go.mod too and
// runtime.Caller names no real path under -trimpath.
func repoRoot() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			for line := range strings.Lines(string(mod)) {
				if strings.TrimSpace(line) == "module "+modulePath {
					return dir, nil
				}
			}
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New(wd + " is not inside module " + modulePath)
		}
	}
}
