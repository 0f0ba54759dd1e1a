// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package collector runs a real OpenTelemetry Collector for a test and reads back
// what it received.
package collector

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
	"testing"
	"time"
)

const (
	modulePath = "github.com/spanloom/spanloom"

	// The last line the Collector logs while starting. An open port alone proves
	// nothing: it may belong to whoever won the race for it.
	readyMessage = "Everything is ready. Begin running and processing data."

	startTimeout = 30 * time.Second
	stopTimeout  = 10 * time.Second
	startTries   = 5
)

// Collector is a running OpenTelemetry Collector with its receivers on loopback.
// Its methods may be called from any goroutine.
type Collector struct {
	t testing.TB

	httpAddr, grpcAddr, promAddr string
	tracesFile, metricsFile      string
	binary, dir, configFile      string

	cmd     *exec.Cmd
	output  *lockedBuffer
	done    chan struct{}
	waitErr error // set before done is closed

	stopMu  sync.Mutex
	stopped bool
}

// Start runs a Collector until the test ends. The binary is the one SPANLOOM_OTELCOL
// names, else .tools/bin/otelcol-spanloom in the repository. It fails the test when
// there is none: an integration run that skipped its Collector would prove nothing.
func Start(t testing.TB) *Collector {
	t.Helper()

	binary, err := findBinary()
	if err != nil {
		t.Fatal(err)
	}

	for try := 1; ; try++ {
		c, err := start(t, binary)
		if err == nil {
			// Registered after start's t.TempDir, hence run before it is removed.
			t.Cleanup(func() {
				c.Stop()
				if t.Failed() {
					t.Logf("collector output:\n%s", c.output)
				}
			})
			return c
		}
		if try == startTries || !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
}

// HTTPEndpoint is the OTLP/HTTP base URL, as OTEL_EXPORTER_OTLP_ENDPOINT takes it.
func (c *Collector) HTTPEndpoint() string { return "http://" + c.httpAddr }

// GRPCEndpoint is the OTLP/gRPC URL, as OTEL_EXPORTER_OTLP_ENDPOINT takes it. The
// http scheme is what tells gRPC exporters not to use TLS.
func (c *Collector) GRPCEndpoint() string { return "http://" + c.grpcAddr }

// PrometheusURL is where the received metrics can be scraped.
func (c *Collector) PrometheusURL() string { return "http://" + c.promAddr + "/metrics" }

// Stop shuts the Collector down and waits for it, after which Spans and Metrics see
// everything it accepted. Later calls do nothing.
func (c *Collector) Stop() {
	c.t.Helper()
	c.stopMu.Lock()
	defer c.stopMu.Unlock()
	if c.stopped {
		return
	}
	c.stopped = true

	select {
	case <-c.done:
		c.t.Errorf("collector exited before it was stopped: %v", c.waitErr)
		return
	default:
	}

	if err := c.cmd.Process.Signal(syscall.SIGTERM); err == nil {
		select {
		case <-c.done:
			if c.waitErr != nil {
				c.t.Errorf("collector stopped: %v", c.waitErr)
			}
			return
		case <-time.After(stopTimeout):
		}
	}
	c.t.Errorf("collector did not stop on SIGTERM within %v, killing it", stopTimeout)
	c.kill()
}

// Spans returns the spans received so far, in the order they arrived. The file lags
// the export by a moment, so before Stop it has to be polled.
//
// Like Metrics it reports broken data with t.Errorf, since t.Fatal must not be called
// from the goroutine that require.Eventually polls on.
func (c *Collector) Spans() []Span {
	c.t.Helper()
	spans, err := readLines(c.tracesFile, decodeSpans)
	if err != nil {
		c.t.Errorf("read the collector's traces: %v", err)
	}
	return spans
}

// Metrics returns the metrics received so far, in the order they arrived. Every
// export adds its own entries: with cumulative temporality the last one of a name
// holds the total, and adding them up counts twice.
func (c *Collector) Metrics() []Metric {
	c.t.Helper()
	metrics, err := readLines(c.metricsFile, decodeMetrics)
	if err != nil {
		c.t.Errorf("read the collector's metrics: %v", err)
	}
	return metrics
}

func findBinary() (string, error) {
	const hint = "run the integration tests with \"make integration\", which builds it"

	if path := os.Getenv("SPANLOOM_OTELCOL"); path != "" {
		// A test runs in its package's directory, so a relative path would mean
		// another file in each package.
		if !filepath.IsAbs(path) {
			return "", fmt.Errorf("SPANLOOM_OTELCOL=%s must be an absolute path; %s", path, hint)
		}
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("no collector where SPANLOOM_OTELCOL points: %w; %s", err, hint)
		}
		return path, nil
	}

	root, err := repoRoot()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, ".tools", "bin", "otelcol-spanloom")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no collector: %w; %s", err, hint)
	}
	return path, nil
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
			return "", fmt.Errorf("%s is not inside module %s", wd, modulePath)
		}
	}
}

func start(t testing.TB, binary string) (*Collector, error) {
	addrs, err := freeAddrs(3)
	if err != nil {
		return nil, err
	}
	dir := t.TempDir()
	c := &Collector{
		t:           t,
		httpAddr:    addrs[0],
		grpcAddr:    addrs[1],
		promAddr:    addrs[2],
		tracesFile:  filepath.Join(dir, "traces.jsonl"),
		metricsFile: filepath.Join(dir, "metrics.jsonl"),
		output:      &lockedBuffer{},
		done:        make(chan struct{}),
	}
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(c.config()), 0o600); err != nil {
		return nil, err
	}

	c.binary, c.dir, c.configFile = binary, dir, config
	return c, c.launch()
}

func (c *Collector) launch() error {
	c.cmd = exec.Command(c.binary, "--config", c.configFile)
	// Tests set OTEL_* for the code under test, and the Collector would obey it too.
	c.cmd.Env = []string{}
	c.cmd.Dir = c.dir
	c.cmd.Stdout = c.output
	c.cmd.Stderr = c.output
	c.cmd.WaitDelay = stopTimeout
	dieWithParent(c.cmd)

	if err := c.run(); err != nil {
		return fmt.Errorf("start the collector: %w", err)
	}
	if err := c.waitReady(); err != nil {
		c.kill()
		if strings.Contains(c.output.String(), "address already in use") {
			err = fmt.Errorf("%w: %w", err, syscall.EADDRINUSE)
		}
		return fmt.Errorf("%w\ncollector output:\n%s", err, c.output)
	}
	return nil
}

// Kill ends the Collector as a crash would; what it has received so far stays.
func (c *Collector) Kill() {
	c.t.Helper()
	c.stopMu.Lock()
	defer c.stopMu.Unlock()
	c.kill()
}

// Restart starts it again after Kill, at the same addresses.
func (c *Collector) Restart() {
	c.t.Helper()
	c.stopMu.Lock()
	defer c.stopMu.Unlock()
	c.done, c.waitErr, c.output = make(chan struct{}), nil, &lockedBuffer{}
	if err := c.launch(); err != nil {
		c.t.Fatalf("restart: %v", err)
	}
}

func (c *Collector) config() string {
	// The Collector's own metrics are off because they would be served on a fixed
	// port, where two test packages at once would collide.
	return fmt.Sprintf(`
receivers:
  otlp:
    protocols:
      http: {endpoint: %q}
      grpc: {endpoint: %q}
exporters:
  file/traces: {path: %q, flush_interval: 50ms, append: true}
  file/metrics: {path: %q, flush_interval: 50ms, append: true}
  prometheus: {endpoint: %q}
service:
  telemetry:
    metrics: {level: none}
  pipelines:
    traces: {receivers: [otlp], exporters: [file/traces]}
    metrics: {receivers: [otlp], exporters: [file/metrics, prometheus]}
`, c.httpAddr, c.grpcAddr, c.tracesFile, c.metricsFile, c.promAddr)
}

// run starts the process and leaves a goroutine waiting for it. That goroutine keeps
// its thread for as long as the process lives, because the parent whose death
// dieWithParent acts on is the thread that started it.
func (c *Collector) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()

		err := c.cmd.Start()
		started <- err
		if err == nil {
			c.waitErr = c.cmd.Wait()
			close(c.done)
		}
	}()
	return <-started
}

func (c *Collector) waitReady() error {
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		select {
		case <-c.done:
			return fmt.Errorf("collector exited while starting: %w", c.waitErr)
		case <-time.After(20 * time.Millisecond):
		}
		if !strings.Contains(c.output.String(), readyMessage) {
			continue
		}
		conn, err := net.DialTimeout("tcp", c.httpAddr, time.Second)
		if err == nil {
			return conn.Close()
		}
	}
	return fmt.Errorf("collector not ready after %v", startTimeout)
}

func (c *Collector) kill() {
	_ = c.cmd.Process.Kill()
	<-c.done
}

// freeAddrs holds all ports open until the last is known, or the kernel could hand
// out the same one twice. They are free again when it returns, so anyone may take
// one first: Start tries again when that happens.
func freeAddrs(n int) ([]string, error) {
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

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
