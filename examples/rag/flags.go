// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/cli/pricing"
	"github.com/spanloom/spanloom/examples/cli/provider"
	"github.com/spanloom/spanloom/examples/offline"
)

// sampleQuestions are asked when the user asks none; the project's own
// documents answer them.
var sampleQuestions = []string{
	"How do I keep prompts out of my traces?",
	"What happens to my program when the backend is down?",
}

type options struct {
	docs, store     string
	questions       []string
	interactive     bool
	provider, model string
	embeddingModel  string
	topK            int
	trace           string
	metrics         bool
	prices          pricing.Flags
}

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("rag", flag.ContinueOnError)
	fs.StringVar(&o.docs, "docs", "", "folder of .md, .txt, .html and .pdf documents (default: the project's own)")
	fs.StringVar(&o.store, "store", "", "folder that keeps the embedded documents (default: in memory)")
	fs.Func("q", "question to answer; may be given several times", func(s string) error {
		if strings.TrimSpace(s) == "" {
			return errors.New("the question is empty")
		}
		o.questions = append(o.questions, s)
		return nil
	})
	fs.BoolVar(&o.interactive, "i", false, "ask for questions on the terminal, one a line, until end of input")
	fs.StringVar(&o.provider, "provider", offline.Provider, "one of "+strings.Join(provider.Names, ", "))
	fs.StringVar(&o.model, "model", "", "model to answer with (default: the provider's)")
	fs.StringVar(&o.embeddingModel, "embedding-model", "", "model to embed with (default: the provider's)")
	fs.IntVar(&o.topK, "k", 4, "number of passages an answer is made from")
	fs.StringVar(&o.trace, "trace", "", "write the traces as a page for a browser to this file, such as trace.html")
	fs.BoolVar(&o.metrics, "metrics", false, "print the metrics as well, as a backend gets them")
	o.prices.Register(fs)

	if err := cli.Parse(fs, args, stderr, "Answers questions from documents and prints the trace of doing so."); err != nil {
		return o, err
	}
	switch {
	case fs.NArg() > 0:
		return o, cli.Usage(fmt.Errorf("unexpected argument %q: give questions with -q; -h lists the flags", fs.Arg(0)))
	case o.interactive && len(o.questions) > 0:
		return o, cli.Usage(errors.New("-i and -q exclude each other: use one of them"))
	case o.topK < 1:
		return o, cli.Usage(fmt.Errorf("-k %d: use 1 or more", o.topK))
	case !provider.Known(o.provider):
		return o, cli.Usage(fmt.Errorf("-provider %q is not known: use one of %s", o.provider, strings.Join(provider.Names, ", ")))
	case o.provider == offline.Provider && (o.model != "" || o.embeddingModel != ""):
		return o, cli.Usage(errors.New("-model and -embedding-model need a -provider other than offline"))
	}
	if !o.interactive && len(o.questions) == 0 {
		o.questions = sampleQuestions
	}
	return o, nil
}
