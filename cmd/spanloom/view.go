// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/traceview"
)

// view shows spans that a file holds as OTLP's JSON, on the terminal or as a page.
func view(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("spanloom view", flag.ContinueOnError)
	flags.SetOutput(stderr)
	page := flags.String("html", "", "write a page for a browser to this `file`")
	id := flags.String("trace", "", "show the trace with this `id` only, or with its first letters")
	if flags.Parse(args) != nil {
		return 2
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, `spanloom view: name a file with traces as OTLP's JSON, such as the Collector's file exporter writes; "-" is standard input`)
		return 2
	}
	spans, err := readAll(flags.Args(), stdin)
	if err != nil {
		fmt.Fprintln(stderr, "spanloom view:", err)
		if len(spans) == 0 {
			return 1
		}
	}
	if spans = traceOf(spans, *id); len(spans) == 0 {
		fmt.Fprintln(stderr, "spanloom view: there is no such span in there")
		return 1
	}
	if err := show(*page, spans, stdout); err != nil {
		fmt.Fprintln(stderr, "spanloom view:", err)
		return 1
	}
	return 0
}

// readAll returns the spans of all files that can be read, and what is wrong with the others.
func readAll(names []string, stdin io.Reader) (spans []sdktrace.ReadOnlySpan, err error) {
	for _, name := range names {
		read, e := readFile(name, stdin)
		if e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", name, e))
		}
		spans = append(spans, read...)
	}
	return spans, err
}

func readFile(name string, stdin io.Reader) ([]sdktrace.ReadOnlySpan, error) {
	if name == "-" {
		return traceview.ReadOTLP(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	spans, err := traceview.ReadOTLP(f)
	return spans, errors.Join(err, f.Close())
}

func traceOf(spans []sdktrace.ReadOnlySpan, id string) (wanted []sdktrace.ReadOnlySpan) {
	for _, s := range spans {
		if strings.HasPrefix(s.SpanContext().TraceID().String(), strings.ToLower(id)) {
			wanted = append(wanted, s)
		}
	}
	return wanted
}

func show(page string, spans []sdktrace.ReadOnlySpan, stdout io.Writer) error {
	if page == "" {
		if err := traceview.Tree(stdout, spans); err != nil {
			return err
		}
		fmt.Fprintln(stdout)
		return traceview.Tables(stdout, spans)
	}
	f, err := os.Create(page)
	if err != nil {
		return err
	}
	return errors.Join(traceview.WriteHTML(f, spans), f.Close())
}
