// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/traceview"
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
	traceview.Usage
}

// newOutcome adds to the results what the spans tell of them.
func newOutcome(results []result, spans []sdktrace.ReadOnlySpan) outcome {
	o := outcome{Documents: results, Summary: summary{Documents: len(results), Usage: traceview.Sum(spans)}}
	byTrace := map[string][]sdktrace.ReadOnlySpan{}
	for _, s := range spans {
		id := s.SpanContext().TraceID().String()
		byTrace[id] = append(byTrace[id], s)
	}
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
		r.Used = traceview.Sum(byTrace[r.TraceID]).Total.Counts
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
