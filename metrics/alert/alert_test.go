// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

func TestWithLogger(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindTime {
			return slog.Attr{}
		}
		return a
	}}))
	w := one(t, alert.Rule{Signal: alert.SignalErrorRate, Scope: alert.ByModel, Threshold: 0.5}, alert.WithLogger(logger))
	w.call("gpt", "rag", "timeout")
	w.call("gpt", "rag", "")
	require.NoError(t, w.monitor.Flush(t.Context()))
	w = one(t, alert.Rule{Signal: alert.SignalErrorRate, Scope: alert.ByWorkflow, Threshold: 0.5}, alert.WithLogger(logger))
	w.call("gpt", "rag", "timeout")
	require.NoError(t, w.monitor.Flush(t.Context()))
	assert.Equal(t, []string{
		`level=WARN msg="spanloom: r firing for gpt: 1 (threshold 0.5)" rule=r resolved=false value=1 threshold=0.5 unit=1 model=gpt`,
		`level=INFO msg="spanloom: r resolved for gpt: 0.5 (threshold 0.5)" rule=r resolved=true value=0.5 threshold=0.5 unit=1 model=gpt`,
		`level=WARN msg="spanloom: r firing for rag: 1 (threshold 0.5)" rule=r resolved=false value=1 threshold=0.5 unit=1 workflow=rag`,
	}, strings.Split(strings.TrimSpace(log.String()), "\n"))
	assert.Len(t, w.take(), 1, "beside the other sinks")
}

func TestWithLoggerNil(t *testing.T) {
	log := testenv.CaptureLog(t)
	w := one(t, alert.Rule{Signal: alert.SignalLatency, Threshold: 1}, alert.WithLogger(nil))
	w.calls(1, "", 2*time.Second, metrics.Usage{})
	require.NoError(t, w.monitor.Flush(t.Context()))
	assert.Contains(t, log.String(), "spanloom: r firing: 2 (threshold 1)")
}
