// SPDX-License-Identifier: Apache-2.0

// Command docanalysis summarises documents, judges their sentiment and extracts
// keywords: a workflow of three tasks per document, several documents at a time,
// instrumented by Spanloom.
//
// Without flags it needs no key, no server and no network. Results go to
// standard output, as a table, JSON or CSV; progress, and beside JSON and CSV
// the traces, to standard error. It exits with 1 if a document failed, and after
// Ctrl-C with what is done until then. OTEL_TRACES_EXPORTER=console writes to
// standard output as well, which is not for jq then.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/cli/provider"
	"github.com/spanloom/spanloom/examples/cli/report"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/metrics/alert"
	"github.com/spanloom/spanloom/models"
)

func main() {
	a := app{stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, wait: time.Second}
	os.Exit(cli.UntilInterrupt(func(ctx context.Context) int { return a.main(ctx, os.Args[1:]) }))
}

// app is the program with its surroundings, so that a test can run it whole.
type app struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	// latency slows the offline provider down, so that tests have durations.
	latency time.Duration
	// wait is that before the first retry.
	wait time.Duration
	// decorate, if not nil, changes the provider's model, so that tests can make
	// it fail.
	decorate func(llms.Model) llms.Model
}

func (a *app) main(ctx context.Context, args []string) int {
	return cli.Exit("docanalysis", a.stderr, a.run(ctx, args))
}

func (a *app) run(ctx context.Context, args []string) error {
	o, err := parseFlags(args, a.stderr)
	if err != nil {
		return err
	}
	telemetry, err := report.Start(ctx, "docanalysis", o.trace, a.getenv, a.stderr)
	if err != nil {
		return err
	}
	defer telemetry.Close(ctx)
	prices, err := o.prices.Prices(o.provider, o.model)
	if err != nil {
		return cli.Usage(err)
	}
	monitor := alert.NewMonitor() // warns in the log of error rates, latency and spend
	handler := telemetry.Handler(callbacks.WithPrices(prices), callbacks.WithObserver(monitor))
	set, err := provider.New(provider.Config{
		Name: o.provider, Model: o.model, Getenv: a.getenv, Latency: a.latency,
		Decorate: func(m llms.Model) llms.Model { return a.retried(m, o) },
	}, handler)
	if err != nil {
		return cli.Usage(err)
	}
	if set.Note != "" {
		fmt.Fprintln(a.stderr, set.Note)
	}
	documents, err := cli.Documents(ctx, o.docs, a.stderr)
	if err != nil {
		return err
	}
	files, err := cli.Files(ctx, documents)
	if err != nil {
		return err
	}
	b := &batch{NewPipeline(handler, set.LLM, o.chunk, o.concurrency), handler, set.HighModel, o, a.stderr}
	results := b.run(ctx, files)
	_ = monitor.Flush(ctx) // alerts belong before the results

	spans := telemetry.Spans()
	out := newOutcome(results, spans)
	beside := a.stdout
	if o.format != formats[0] {
		beside = a.stderr // standard output is for jq and its like
	}
	if err = out.write(a.stdout, o.format); err == nil {
		err = out.writeTelemetry(beside, spans, o.trees)
	}
	if o.metrics {
		err = errors.Join(err, telemetry.PrintMetrics(ctx, beside))
	}
	err = errors.Join(err, telemetry.WritePage(), out.err(ctx))
	if url, ok := telemetry.Serving(); ok && err != nil && ctx.Err() == nil {
		fmt.Fprintf(a.stderr, "docanalysis: %v; see %s\n", err, url)
	}
	telemetry.Hold(ctx, a.stderr)
	return err
}

// retried tries calls again that may go better the next time.
func (a *app) retried(m llms.Model, o options) llms.Model {
	if o.fail > 0 {
		m = &offline.Failing{Model: m, Share: o.fail}
	}
	if a.decorate != nil {
		m = a.decorate(m)
	}
	return models.Retry(m, models.WithMaxAttempts(o.attempts), models.WithInitialWait(a.wait))
}
