// SPDX-License-Identifier: Apache-2.0

// Command rag answers questions from documents with a retrieval-augmented
// pipeline on langchaingo, instrumented by Spanloom: it prints the answers with
// their sources, then the span tree and the metrics of the run.
//
// Without flags it needs no key, no server and no network. What to copy is in
// pipeline.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/internal/report"
	"github.com/spanloom/spanloom/internal/spantree"
)

// Exit codes: the run failed, or it could not begin because of what the user
// gave it.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	a := app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	os.Exit(a.main(ctx, os.Args[1:]))
}

// app is the program with its surroundings, so that a test can run it whole.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	// latency slows the offline provider down, so that tests have durations.
	latency time.Duration
}

// usageError is the user's to mend: one line that says what to do.
type usageError struct{ error }

func (a *app) main(ctx context.Context, args []string) int {
	err := a.run(ctx, args)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(a.stderr, "rag:", err)
		return exitUsage
	default:
		fmt.Fprintln(a.stderr, "rag:", err)
		return exitFailed
	}
}

func (a *app) run(ctx context.Context, args []string) (err error) {
	opts, err := parseFlags(args, a.stderr)
	if err != nil {
		return err
	}

	// Init sets OpenTelemetry up from the OTEL_* variables. The recorder and the
	// reader are only there to print the run at the end.
	spans, points := &spantree.Recorder{}, sdkmetric.NewManualReader()
	initOpts := []spanloom.Option{
		spanloom.WithService("spanloom-rag", "", ""),
		spanloom.WithSpanProcessor(spans),
		spanloom.WithMetricReader(points),
	}
	if !a.exportWanted() {
		initOpts = append(initOpts, spanloom.WithoutExport())
	}
	shutdown, err := spanloom.Init(ctx, initOpts...)
	if err != nil {
		return usageError{err}
	}
	defer func() {
		// Init has said what could not be delivered; it is no reason to fail.
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = shutdown(flush)
	}()
	handler, err := newHandler(opts)
	if err != nil {
		return usageError{err}
	}

	p, err := newPipeline(ctx, a, opts, handler)
	if err != nil {
		return err
	}
	show := func() error {
		fmt.Fprintln(a.stdout)
		report.Tree(a.stdout, spans.Spans())
		fmt.Fprintln(a.stdout)
		return report.Metrics(ctx, a.stdout, points)
	}
	if opts.interactive {
		return a.converse(ctx, p, spans, show)
	}
	runErr := p.answerAll(ctx, opts.questions)
	return errors.Join(runErr, show())
}

// newHandler makes the one Handler the program shares.
func newHandler(opts options) (*callbacks.Handler, error) {
	if opts.price == nil {
		return callbacks.NewHandler()
	}
	recorder, err := opts.recorder()
	if err != nil {
		return nil, err
	}
	return callbacks.NewHandler(callbacks.WithRecorder(recorder))
}

// exportWanted keeps the newcomer's first run quiet: without any variable there
// is nothing to send to.
func (a *app) exportWanted() bool {
	for _, name := range []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
		"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER",
	} {
		if a.getenv(name) != "" {
			return true
		}
	}
	return false
}
