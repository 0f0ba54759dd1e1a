// SPDX-License-Identifier: Apache-2.0

// Package report prints what an example's run emitted: the span tree, tables of
// what models and tasks used, and the metrics.
package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/examples/cli/screen"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
)

// Tree prints the spans as a tree with durations, tokens and, for models with a
// price, cost.
//
// On a terminal, lines are cut to its width and failed spans are red.
func Tree(w io.Writer, s screen.Screen, spans []sdktrace.ReadOnlySpan) {
	o := spantree.Options{Durations: Duration, Note: note}
	if s.Terminal {
		o.Line = func(span sdktrace.ReadOnlySpan, indent, text string) string {
			text = s.Fit(indent + text)
			if span.Status().Code == codes.Error {
				return s.Paint(screen.Red, text)
			}
			name := indent + span.Name()
			if rest, ok := strings.CutPrefix(text, name); ok {
				return name + s.Paint(screen.Dim, rest)
			}
			return text
		}
	}
	fmt.Fprint(w, spantree.Render(spans, o))
}

func note(s sdktrace.ReadOnlySpan) string {
	var parts []string
	in, okIn := spantree.Attribute(s, semconv.UsageInputTokens)
	out, okOut := spantree.Attribute(s, semconv.UsageOutputTokens)
	if okIn || okOut {
		parts = append(parts, fmt.Sprintf("%d → %d tokens", in.AsInt64(), out.AsInt64()))
	}
	if usd, ok := spantree.Attribute(s, semconv.UsageCost); ok && usd.AsFloat64() > 0 {
		parts = append(parts, fmt.Sprintf("$%.6f", usd.AsFloat64()))
	}
	if n := retries(s); n == 1 {
		parts = append(parts, "1 retry")
	} else if n > 1 {
		parts = append(parts, fmt.Sprintf("%d retries", n))
	}
	if n, ok := spantree.Attribute(s, semconv.RetrievalDocumentCount); ok {
		parts = append(parts, count(n.AsInt64(), "document"))
	}
	if n, ok := spantree.Attribute(s, semconv.EmbeddingsBatchSize); ok {
		parts = append(parts, count(n.AsInt64(), "text"))
	}
	return strings.Join(parts, "  ")
}

func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Duration prints a duration with three digits that mean something.
func Duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
