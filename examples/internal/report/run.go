// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"fmt"
	"io"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/internal/spantree"
)

// Run is the telemetry of one run of an example: it goes where the OTEL_*
// variables say, and is kept to be printed.
type Run struct {
	spans    *spantree.Recorder
	points   sdkmetric.Reader
	shutdown func(context.Context) error
}

// Start sets OpenTelemetry up. Without any variable that names a backend there
// is nothing to send to, and nothing is tried: a newcomer's first run stays
// quiet.
func Start(ctx context.Context, service string, getenv func(string) string) (*Run, error) {
	r := &Run{spans: &spantree.Recorder{}, points: sdkmetric.NewManualReader()}
	opts := []spanloom.Option{
		spanloom.WithService(service, "", ""),
		spanloom.WithSpanProcessor(r.spans),
		spanloom.WithMetricReader(r.points),
	}
	if !exportWanted(getenv) {
		opts = append(opts, spanloom.WithoutExport())
	}
	var err error
	r.shutdown, err = spanloom.Init(ctx, opts...)
	return r, err
}

func exportWanted(getenv func(string) string) bool {
	for _, name := range []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
		"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER",
	} {
		if getenv(name) != "" {
			return true
		}
	}
	return false
}

// Print prints the tree of the spans that have ended and the metrics so far.
func (r *Run) Print(ctx context.Context, w io.Writer) error {
	fmt.Fprintln(w)
	Tree(w, r.spans.Spans())
	fmt.Fprintln(w)
	return Metrics(ctx, w, r.points)
}

// Reset forgets the spans, so that the next Print shows new ones only.
func (r *Run) Reset() { r.spans.Reset() }

// Close flushes, for five seconds at most, also after ctx was cancelled. Init
// has said what could not be delivered; it is no reason for an example to fail.
func (r *Run) Close(ctx context.Context) {
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = r.shutdown(flush)
}
