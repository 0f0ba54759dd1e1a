// SPDX-License-Identifier: Apache-2.0

// Package report shows what an example's run emitted: its traces, tables of what
// models and tasks used, and the metrics.
package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/internal/envvars"
	"github.com/spanloom/spanloom/internal/terminal"
	"github.com/spanloom/spanloom/traceview"
)

// Run is the telemetry of one run of an example: it goes where the OTEL_*
// variables say, and is kept to be printed.
type Run struct {
	program  string
	stderr   io.Writer
	env      envvars.Lookup
	recorder *traceview.Recorder
	points   sdkmetric.Reader
	shutdown func(context.Context) error
	page     *os.File                // nil without -trace
	earlier  []sdktrace.ReadOnlySpan // for the page, from before Reset
}

// Start sets OpenTelemetry up for the program and opens the file of -trace, if page names
// one. What is wrong in the environment is said on stderr, and all else works.
//
// Without any variable that names a backend there is nothing to send to, and nothing is
// tried: a newcomer's first run stays quiet.
func Start(ctx context.Context, program, page string, getenv func(string) string, stderr io.Writer) (*Run, error) {
	r := &Run{
		program: program, stderr: stderr,
		env:      func(name string) (string, bool) { v := getenv(name); return v, v != "" },
		recorder: traceview.NewRecorder(traceview.WithMaxTraces(math.MaxInt), traceview.WithMaxBytes(math.MaxInt)),
		points:   sdkmetric.NewManualReader(),
	}
	if page != "" {
		f, err := os.Create(page)
		if err != nil {
			return nil, cli.Usage(fmt.Errorf("-trace: %w", err))
		}
		r.page = f
	}
	opts := []spanloom.Option{
		spanloom.WithServiceName("spanloom-" + program),
		spanloom.WithSpanProcessor(r.recorder),
		spanloom.WithMetricReader(r.points),
	}
	if !r.env.NamesBackend() {
		opts = append(opts, spanloom.WithoutExport())
	}
	var err error
	r.shutdown, err = spanloom.Init(ctx, opts...)
	r.say(err)
	return r, nil
}

// Handler makes the program's Handler. What is wrong in the environment is said, and the
// Handler works all the same.
func (r *Run) Handler(opts ...callbacks.Option) *callbacks.Handler {
	h, err := callbacks.NewHandler(opts...)
	r.say(err)
	return h
}

// say prints each of the errors that err joins.
func (r *Run) say(err error) {
	if err != nil {
		for problem := range strings.Lines(err.Error()) {
			fmt.Fprintf(r.stderr, "%s: %s\n", r.program, terminal.Line(problem))
		}
	}
}

// Print prints the trees of the spans that have ended and what they used.
func (r *Run) Print(w io.Writer) error {
	spans := r.Spans()
	if err := traceview.Tree(w, spans); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return traceview.Tables(w, spans)
}

// WritePage writes the file of -trace.
func (r *Run) WritePage() error {
	if r.page == nil {
		return nil
	}
	return errors.Join(traceview.WriteHTML(r.page, append(r.earlier, r.Spans()...)), r.page.Close())
}

// PrintMetrics prints the metrics so far, as a backend gets them.
func (r *Run) PrintMetrics(ctx context.Context, w io.Writer) error {
	fmt.Fprintln(w)
	return Metrics(context.WithoutCancel(ctx), w, r.points)
}

// Spans returns the spans that have ended, by trace.
func (r *Run) Spans() []sdktrace.ReadOnlySpan { return r.recorder.Spans() }

// Reset forgets the spans, so that the next Print shows new ones only.
func (r *Run) Reset() {
	if r.page != nil {
		r.earlier = append(r.earlier, r.Spans()...)
	}
	r.recorder.Reset()
}

// Serving says where Prometheus finds the metrics, if
// OTEL_METRICS_EXPORTER=prometheus asks for that.
func (r *Run) Serving() (url string, ok bool) {
	if kind, _ := r.env.Get(envvars.MetricsExporter); kind != "prometheus" {
		return "", false
	}
	return r.env.PrometheusURL(), true
}

// Hold waits until ctx ends where metrics are served: Prometheus comes for them,
// and must find the program.
func (r *Run) Hold(ctx context.Context, stderr io.Writer) {
	url, ok := r.Serving()
	if !ok || ctx.Err() != nil {
		return
	}
	fmt.Fprintf(stderr, "metrics are served at %s until Ctrl-C\n", url)
	<-ctx.Done()
}

// Close flushes, for five seconds at most, also after ctx was cancelled. Init
// has said what could not be delivered; it is no reason for an example to fail.
func (r *Run) Close(ctx context.Context) {
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = r.shutdown(flush)
}
