// SPDX-License-Identifier: Apache-2.0

// Command docanalysis summarises documents, judges their sentiment and extracts
// keywords, in a workflow of three tasks per document, instrumented by Spanloom.
//
// Without flags it needs no key, no server and no network.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/docs"
	"github.com/spanloom/spanloom/examples/internal/cli"
	"github.com/spanloom/spanloom/examples/internal/corpus"
	"github.com/spanloom/spanloom/examples/internal/offline"
	"github.com/spanloom/spanloom/examples/internal/provider"
	"github.com/spanloom/spanloom/examples/internal/report"
)

func main() {
	a := app{stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	os.Exit(cli.UntilInterrupt(func(ctx context.Context) int { return a.main(ctx, os.Args[1:]) }))
}

// app is the program with its surroundings, so that a test can run it whole.
type app struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	// latency slows the offline provider down, so that tests have durations.
	latency time.Duration
}

func (a *app) main(ctx context.Context, args []string) int {
	return cli.Exit("docanalysis", a.stderr, a.run(ctx, args))
}

func (a *app) run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("docanalysis", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	dir := fs.String("docs", "", "folder of .md, .txt, .html and .pdf documents (default: the project's own)")
	name := fs.String("provider", offline.Provider, "one of "+strings.Join(provider.Names, ", "))
	model := fs.String("model", "", "model to use (default: the provider's)")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(a.stderr)
			fs.Usage()
			return err
		}
		return cli.Usage(fmt.Errorf("%w; -h lists the flags", err))
	}
	if fs.NArg() > 0 {
		return cli.Usage(fmt.Errorf("unexpected argument %q: -h lists the flags", fs.Arg(0)))
	}

	telemetry, err := report.Start(ctx, "spanloom-docanalysis", a.getenv)
	if err != nil {
		return cli.Usage(err)
	}
	defer telemetry.Close(ctx)
	handler, err := callbacks.NewHandler()
	if err != nil {
		return cli.Usage(err)
	}
	set, err := provider.New(ctx, provider.Config{Name: *name, Model: *model, Getenv: a.getenv, Latency: a.latency}, handler)
	if err != nil {
		return cli.Usage(err)
	}
	if set.Note != "" {
		fmt.Fprintln(a.stderr, set.Note)
	}
	documents, err := a.load(ctx, *dir)
	if err != nil {
		return err
	}
	results, err := analyze(ctx, handler, set.LLM, documents)
	printTable(a.stdout, results)
	return errors.Join(err, telemetry.Print(ctx, a.stdout))
}

func (a *app) load(ctx context.Context, dir string) (documents []schema.Document, err error) {
	progress := func(file string, n, total int) { fmt.Fprintf(a.stderr, "loading %d/%d %s\n", n, total, file) }
	if dir == "" {
		documents, err = corpus.LoadFS(ctx, docs.FS, progress)
	} else {
		documents, err = corpus.LoadDir(ctx, dir, progress)
	}
	if _, ok := errors.AsType[*corpus.Error](err); ok {
		return nil, cli.Usage(err)
	}
	return documents, err
}
