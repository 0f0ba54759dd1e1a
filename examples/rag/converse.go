// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spanloom/spanloom/examples/cli/report"
)

// converse answers questions from the terminal. A question that fails is
// reported, and the next one asked.
func (a *app) converse(ctx context.Context, p *Pipeline, opts options, telemetry *report.Run) error {
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
		if err := a.answer(ctx, p, question); err != nil {
			fmt.Fprintln(a.stderr, "rag:", err)
		}
		if err := telemetry.Print(a.stdout); err != nil {
			return err
		}
		if opts.metrics {
			if err := telemetry.PrintMetrics(ctx, a.stdout); err != nil {
				return err
			}
		}
		fmt.Fprintln(a.stdout)
	}
}
