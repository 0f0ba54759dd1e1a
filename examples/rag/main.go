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
	"io"
	"os"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/cli/report"
	"github.com/spanloom/spanloom/metrics"
)

func main() {
	a := app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	os.Exit(cli.UntilInterrupt(func(ctx context.Context) int { return a.main(ctx, os.Args[1:]) }))
}

// app is the program with its surroundings, so that a test can run it whole.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	// latency slows the offline provider down, so that tests have durations.
	latency time.Duration
}

func (a *app) main(ctx context.Context, args []string) int {
	return cli.Exit("rag", a.stderr, a.run(ctx, args))
}

func (a *app) run(ctx context.Context, args []string) error {
	opts, err := parseFlags(args, a.stderr)
	if err != nil {
		return err
	}
	telemetry, err := report.Start(ctx, "spanloom-rag", a.getenv)
	if err != nil {
		return cli.Usage(err)
	}
	defer telemetry.Close(ctx)
	handler, err := newHandler(opts)
	if err != nil {
		return cli.Usage(err)
	}
	p, err := newPipeline(ctx, a, opts, handler)
	if err != nil {
		return err
	}
	if opts.interactive {
		return a.converse(ctx, p, telemetry)
	}
	err = p.answerAll(ctx, opts.questions)
	telemetry.Print(a.stdout)
	if opts.metrics {
		err = errors.Join(err, telemetry.PrintMetrics(ctx, a.stdout))
	}
	if err == nil {
		telemetry.Hold(ctx, a.stderr)
	}
	return err
}

// newHandler makes the Handler, with prices where models have some.
func newHandler(opts options) (*callbacks.Handler, error) {
	prices, err := opts.prices.Prices(opts.provider, opts.model)
	if err != nil {
		return nil, err
	}
	if prices == nil {
		return callbacks.NewHandler()
	}
	recorder, err := metrics.NewRecorder(otel.GetMeterProvider(), metrics.WithPrices(prices))
	if err != nil {
		return nil, err
	}
	return callbacks.NewHandler(callbacks.WithRecorder(recorder))
}
