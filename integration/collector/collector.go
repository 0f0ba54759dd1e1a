// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package collector runs a real OpenTelemetry Collector for a test and reads back
// what it received.
package collector

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spanloom/spanloom/integration/internal/process"
)

const (
	// The last line the Collector logs while starting.
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

	process *process.Process

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
					t.Logf("collector output:\n%s", &c.process.Output)
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

	if err := c.process.Stop(); err != nil {
		c.t.Errorf("stop the collector: %v", err)
	}
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

	tools, err := process.Tools()
	if err != nil {
		return "", err
	}
	path := filepath.Join(tools, "bin", "otelcol-spanloom")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no collector: %w; %s", err, hint)
	}
	return path, nil
}

func start(t testing.TB, binary string) (*Collector, error) {
	addrs, err := process.FreeAddrs(3)
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
	}
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(c.config()), 0o600); err != nil {
		return nil, err
	}

	c.binary, c.dir, c.configFile = binary, dir, config
	return c, c.launch()
}

func (c *Collector) launch() error {
	cmd := exec.Command(c.binary, "--config", c.configFile)
	// Tests set OTEL_* for the code under test, and the Collector would obey it too.
	cmd.Env = []string{}
	cmd.Dir = c.dir
	p, err := process.Start(cmd, stopTimeout)
	if err != nil {
		return fmt.Errorf("start the collector: %w", err)
	}
	c.process = p
	if err := c.waitReady(); err != nil {
		p.Kill()
		if strings.Contains(p.Output.String(), "address already in use") {
			err = fmt.Errorf("%w: %w", err, syscall.EADDRINUSE)
		}
		return fmt.Errorf("collector: %w\ncollector output:\n%s", err, &p.Output)
	}
	return nil
}

// Kill ends the Collector as a crash would; what it has received so far stays.
func (c *Collector) Kill() {
	c.t.Helper()
	c.stopMu.Lock()
	defer c.stopMu.Unlock()
	c.process.Kill()
}

// Restart starts it again after Kill, at the same addresses.
func (c *Collector) Restart() {
	c.t.Helper()
	c.stopMu.Lock()
	defer c.stopMu.Unlock()
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

func (c *Collector) waitReady() error {
	if err := c.process.WaitFor(readyMessage, startTimeout); err != nil {
		return err
	}
	conn, err := net.DialTimeout("tcp", c.httpAddr, time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}
