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

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/internal/cli"
	"github.com/spanloom/spanloom/examples/internal/report"
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
	return errors.Join(p.answerAll(ctx, opts.questions), telemetry.Print(ctx, a.stdout))
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
