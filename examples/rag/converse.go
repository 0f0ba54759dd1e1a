// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/examples/cli/report"
)

// converse answers questions from the terminal, each in a trace of its own: a
// workflow that lasts as long as somebody thinks would tell nothing. A question
// that fails is reported, and the next one asked.
func (a *app) converse(ctx context.Context, p *pipeline, telemetry *report.Run) error {
	if err := p.answerAll(ctx, nil); err != nil {
		return err
	}
	in := bufio.NewScanner(a.stdin)
	for {
		fmt.Fprint(a.stderr, "question> ")
		if ctx.Err() != nil || !in.Scan() {
			fmt.Fprintln(a.stderr)
			return in.Err()
		}
		question := strings.TrimSpace(in.Text())
		if question == "" {
			continue
		}
		telemetry.Reset()
		err := chains.DoWorkflow(ctx, p.handler, workflowName, func(ctx context.Context) error {
			return p.answer(ctx, question)
		})
		if err != nil {
			fmt.Fprintln(a.stderr, "rag:", err)
		}
		telemetry.Print(a.stdout)
		if p.opts.metrics {
			if err := telemetry.PrintMetrics(ctx, a.stdout); err != nil {
				return err
			}
		}
	}
}
