// SPDX-License-Identifier: Apache-2.0

// Package testenv has what tests of several packages need to know about, or take
// from, the process they run in.
package testenv

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
)

// Log is the output of slog's default logger. It is safe for concurrent use.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// CaptureLog redirects slog's default logger to a Log until the test ends. Tests
// that run in parallel must not use it.
func CaptureLog(t testing.TB) *Log {
	t.Helper()
	l := &Log{}
	old := slog.Default()
	t.Cleanup(func() { slog.SetDefault(old) })
	slog.SetDefault(slog.New(slog.NewTextHandler(l, nil)))
	return l
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns the output so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Reset forgets the output so far.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Reset()
}
