// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Alert is sent when a [Rule] begins to hold and when it ceases to. It is a value:
// copies share nothing.
type Alert struct {
	// Rule is the rule's name: "error_rate", "mean_latency", "spend", or your own.
	Rule string
	// Model or Workflow is the one that the alert is about, if the rule's [Scope] is by
	// model or workflow. "(other)" is all of them beyond the bound of a [Monitor].
	Model, Workflow string
	// Resolved is false when the rule began to hold, true when it ceased to.
	Resolved bool
	// Value and Threshold are in the unit of Signal, see [Signal.Unit].
	Value, Threshold float64
	Signal           Signal
	Time             time.Time
	// Since is when the rule began to hold.
	Since time.Time
}

// status is "firing" or "resolved".
func (a Alert) status() string {
	if a.Resolved {
		return "resolved"
	}
	return "firing"
}

// String returns one line, such as "spend firing for gpt-4o: 104.2 (threshold 100)".
func (a Alert) String() string {
	status := a.status()
	if name := cmp.Or(a.Model, a.Workflow); name != "" {
		status += " for " + name
	}
	return fmt.Sprintf("%s %s: %.4g (threshold %.4g)", a.Rule, status, a.Value, a.Threshold)
}

// logTo returns a sink that logs. If l is nil, it takes slog's default logger for each
// alert, since programs may set that late.
func logTo(l *slog.Logger) Sink {
	return func(ctx context.Context, a Alert) error {
		level := slog.LevelWarn
		if a.Resolved {
			level = slog.LevelInfo
		}
		attrs := []slog.Attr{
			slog.String("rule", a.Rule), slog.Bool("resolved", a.Resolved),
			slog.Float64("value", a.Value), slog.Float64("threshold", a.Threshold), slog.String("unit", a.Signal.Unit()),
			slog.Time("since", a.Since),
		}
		if a.Model != "" {
			attrs = append(attrs, slog.String("model", a.Model))
		}
		if a.Workflow != "" {
			attrs = append(attrs, slog.String("workflow", a.Workflow))
		}
		cmp.Or(l, slog.Default()).LogAttrs(ctx, level, "spanloom: "+a.String(), attrs...)
		return nil
	}
}
