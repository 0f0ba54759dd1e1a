// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/cli/pricing"
	"github.com/spanloom/spanloom/examples/cli/provider"
	"github.com/spanloom/spanloom/examples/offline"
)

// minChunk is twice what two pieces of a document share.
const minChunk = 400

// formats are what -o takes, the default first.
var formats = []string{"table", "json", "csv"}

type options struct {
	docs            string
	provider, model string
	high            string
	format          string
	concurrency     int
	attempts        int
	chunk           int
	fail            float64
	trace           string
	trees, metrics  bool
	prices          pricing.Flags
}

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("docanalysis", flag.ContinueOnError)
	fs.StringVar(&o.docs, "docs", "", "folder of .md, .txt, .html and .pdf documents (default: the project's own)")
	fs.StringVar(&o.provider, "provider", offline.Provider, "one of "+strings.Join(provider.Names, ", "))
	fs.StringVar(&o.model, "model", "", "model to use (default: the provider's)")
	fs.StringVar(&o.high, "high", "", "documents of high priority, as a pattern of their names such as 'contracts/*': a better model reads them")
	fs.StringVar(&o.format, "o", formats[0], "how to print the results: "+strings.Join(formats, ", "))
	fs.IntVar(&o.concurrency, "c", 4, "documents to analyse at the same time, and pieces of a long one")
	fs.IntVar(&o.attempts, "attempts", 3, "times to try a model call before giving up")
	fs.IntVar(&o.chunk, "chunk", 6000, "characters of a document to read at once; longer ones are summarised piece by piece")
	fs.Float64Var(&o.fail, "fail", 0, "share of the model calls that are made to fail, such as 0.1, and as many once, to see what errors and retries look like")
	fs.StringVar(&o.trace, "trace", "", "write the traces as a page for a browser to this file, such as trace.html")
	fs.BoolVar(&o.trees, "trees", false, "print the trace of every document (default: of those that failed and of the slowest)")
	fs.BoolVar(&o.metrics, "metrics", false, "print the metrics as well, as a backend gets them")
	o.prices.Register(fs)

	if err := cli.Parse(fs, args, stderr, "Summarises documents, judges their sentiment, extracts keywords, and prints the trace of doing so."); err != nil {
		return o, err
	}
	_, badPattern := path.Match(o.high, "")
	switch {
	case fs.NArg() > 0:
		return o, cli.Usage(fmt.Errorf("unexpected argument %q: -h lists the flags", fs.Arg(0)))
	case !provider.Known(o.provider):
		return o, cli.Usage(fmt.Errorf("-provider %q is not known: use one of %s", o.provider, strings.Join(provider.Names, ", ")))
	case o.provider == offline.Provider && o.model != "":
		return o, cli.Usage(errors.New("-model needs a -provider other than offline"))
	case !slices.Contains(formats, o.format):
		return o, cli.Usage(fmt.Errorf("-o %q: use one of %s", o.format, strings.Join(formats, ", ")))
	case o.concurrency < 1:
		return o, cli.Usage(fmt.Errorf("-c %d: use 1 or more", o.concurrency))
	case o.attempts < 1:
		return o, cli.Usage(fmt.Errorf("-attempts %d: use 1 or more", o.attempts))
	case o.chunk < minChunk:
		return o, cli.Usage(fmt.Errorf("-chunk %d: use %d or more", o.chunk, minChunk))
	case !(o.fail >= 0 && o.fail <= 1):
		return o, cli.Usage(fmt.Errorf("-fail %v: use a number from 0 to 1", o.fail))
	case badPattern != nil:
		return o, cli.Usage(fmt.Errorf("-high %q: use a pattern such as '*.pdf' or 'contracts/*'", o.high))
	}
	return o, nil
}

// isHigh reports whether a document is of high priority: by its whole name or by
// the last part of it.
func (o options) isHigh(name string) bool {
	whole, _ := path.Match(o.high, name)
	last, _ := path.Match(o.high, path.Base(name))
	return o.high != "" && (whole || last)
}
