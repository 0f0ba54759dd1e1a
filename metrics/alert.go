// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Alert tells that a rule of a [Monitor] began or ceased to hold.
type Alert struct {
	// Rule is the rule's name: "error_rate", "mean_latency", "spend", or your own.
	Rule string
	// Model or Workflow is what the alert is about, if the rule is judged by it;
	// "(other)" is all that are not told apart, see [Monitor].
	Model, Workflow string
	// Resolved is false when the rule began to hold, true when it ceased to.
	Resolved bool
	// Value and Threshold are in the unit of Signal: a ratio, seconds, US dollars.
	Value, Threshold float64
	Signal           Signal
	Time             time.Time
	// Since is when the rule began to hold.
	Since time.Time
}

func (a Alert) String() string {
	state := "firing"
	if a.Resolved {
		state = "resolved"
	}
	if about := cmp.Or(a.Model, a.Workflow); about != "" {
		state += " for " + about
	}
	return fmt.Sprintf("%s %s: %.4g (threshold %.4g)", a.Rule, state, a.Value, a.Threshold)
}

// logAlert asks for the default logger at the last moment: programs set it after
// much else.
func logAlert(l *slog.Logger, a Alert) {
	if l == nil {
		l = slog.Default()
	}
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
	l.LogAttrs(context.Background(), level, "spanloom: "+a.String(), attrs...)
}
