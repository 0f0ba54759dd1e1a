// SPDX-License-Identifier: Apache-2.0

// Command rag answers questions from documents with a retrieval-augmented
// pipeline on langchaingo, instrumented by Spanloom: it prints the answers with
// their sources, then the span trees and the metrics of the run.
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
	"path"
	"strings"
	"time"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/cli/provider"
	"github.com/spanloom/spanloom/examples/cli/report"
	"github.com/spanloom/spanloom/internal/terminal"
	"github.com/spanloom/spanloom/retrieval/index"
)

func main() {
	a := app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	os.Exit(cli.UntilInterrupt(func(ctx context.Context) int { return a.main(ctx, os.Args[1:]) }))
}

// app is the program with its surroundings, so that a test can run all of it.
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
	telemetry, err := report.Start(ctx, "rag", opts.trace, a.getenv, a.stderr)
	if err != nil {
		return err
	}
	defer telemetry.Close(ctx)
	prices, err := opts.prices.Prices(opts.provider, opts.model)
	if err != nil {
		return cli.Usage(err)
	}
	p, err := a.fill(ctx, opts, telemetry.Handler(callbacks.WithPrices(prices)))
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	if opts.interactive {
		return errors.Join(a.converse(ctx, p, opts, telemetry), telemetry.WritePage())
	}
	for _, q := range opts.questions {
		if err = a.answer(ctx, p, q); err != nil {
			break
		}
	}
	err = errors.Join(err, telemetry.Print(a.stdout), telemetry.WritePage())
	if opts.metrics {
		err = errors.Join(err, telemetry.PrintMetrics(ctx, a.stdout))
	}
	if err == nil {
		telemetry.Hold(ctx, a.stderr)
	}
	return err
}

// fill makes the pipeline and stores the documents. A store that was filled
// before is asked as it is, unless the user names documents.
func (a *app) fill(ctx context.Context, opts options, h *callbacks.Handler) (*Pipeline, error) {
	set, err := provider.New(provider.Config{
		Name: opts.provider, Model: opts.model, EmbeddingModel: opts.embeddingModel, Getenv: a.getenv, Latency: a.latency,
	}, h)
	if err != nil {
		return nil, cli.Usage(err)
	}
	documents, err := cli.Documents(ctx, opts.docs, a.stderr)
	if err != nil {
		return nil, err // Before a store is made.
	}
	p, err := NewPipeline(h, Config{LLM: set.LLM, Embedder: set.Embedder, Folder: opts.store, TopK: opts.topK})
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("-store: %w", err))
	}
	if set.Note != "" {
		a.progress("%s", set.Note)
	}
	if n := p.Stored(); n > 0 && opts.docs == "" {
		a.progress("using %d chunks kept in %s", n, opts.store)
		return p, nil
	}
	stored, err := p.Ingest(ctx, documents)
	if _, some := errors.AsType[*index.PartialError](err); some {
		a.progress("%v", err) // The others are stored.
	} else if err != nil {
		return nil, errors.Join(fmt.Errorf("ingest: %w", err), p.Close())
	}
	a.progress("stored %d chunks, %d were there before", stored.Added, stored.Unchanged)
	return p, nil
}

// answer asks one question and prints the answer with its sources.
func (a *app) answer(ctx context.Context, p *Pipeline, question string) error {
	answer, err := p.Ask(ctx, question)
	if err != nil {
		return fmt.Errorf("answer %q: %w", question, err)
	}
	var names []string
	seen := map[string]bool{}
	for _, d := range answer.Sources {
		name, _ := d.Metadata["source"].(string)
		if page, ok := d.Metadata["page"].(int); ok {
			name = fmt.Sprintf("%s p. %d", name, page)
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, fmt.Sprintf("%s (%.2f)", path.Clean(name), d.Score))
		}
	}
	if len(names) == 0 {
		names = []string{"none found"}
	}
	fmt.Fprint(a.stdout, terminal.Clean(fmt.Sprintf("Q: %s\nA: %s\nSources: %s\n\n", question, strings.TrimSpace(answer.Text), strings.Join(names, ", "))))
	return nil
}

func (a *app) progress(format string, args ...any) {
	fmt.Fprintln(a.stderr, terminal.Line(fmt.Sprintf(format, args...)))
}
