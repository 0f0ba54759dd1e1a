// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/examples/internal/report"
	"github.com/spanloom/spanloom/metrics"
)

// outcome is the whole run: what -o json prints.
type outcome struct {
	Documents []result `json:"documents"`
	Summary   summary  `json:"summary"`
}

type summary struct {
	Documents int `json:"documents"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	// Skipped were not begun when the run was interrupted.
	Skipped int `json:"skipped"`
	report.Usage
}

// usage is what a document took.
type usage struct {
	Calls   int         `json:"calls"`
	Errors  int         `json:"errors"`
	Retries int         `json:"retries"`
	Input   int64       `json:"input_tokens"`
	Output  int64       `json:"output_tokens"`
	Cost    metrics.USD `json:"cost_usd"`
	// Unpriced are calls that no price is for, and that the cost lacks.
	Unpriced int `json:"unpriced_calls"`
}

// cost is empty where nothing is known of it.
func (u usage) cost() string {
	if u.Cost == 0 && u.Unpriced > 0 {
		return ""
	}
	return u.Cost.String()
}

// newOutcome adds to the results what the spans tell of them.
func newOutcome(results []result, spans []sdktrace.ReadOnlySpan) outcome {
	o := outcome{Documents: results, Summary: summary{Documents: len(results), Usage: report.Sum(spans)}}
	byTrace := report.SumByTrace(spans)
	for i := range results {
		r := &results[i]
		switch {
		case r.skipped:
			o.Summary.Skipped++
		case r.err != nil:
			o.Summary.Failed++
		default:
			o.Summary.Succeeded++
		}
		l := byTrace[r.traceID]
		r.Used = usage{l.Calls, l.Errors, l.Retries, l.Input, l.Output, l.Cost, l.Unpriced}
	}
	return o
}

// err says in one line that not all is well.
func (o outcome) err(ctx context.Context) error {
	s := o.Summary
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: %d of %d documents are done", s.Succeeded, s.Documents)
	case s.Failed > 0:
		return fmt.Errorf("%d of %d documents failed", s.Failed, s.Documents)
	case s.Documents == 0:
		return errors.New("there was nothing to do")
	}
	return nil
}
