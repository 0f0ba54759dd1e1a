// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"fmt"
	"io"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/examples/cli/screen"
	"github.com/spanloom/spanloom/internal/envvars"
	"github.com/spanloom/spanloom/internal/spantree"
)

// Run is the telemetry of one run of an example: it goes where the OTEL_*
// variables say, and is kept to be printed.
type Run struct {
	getenv   func(string) string
	env      envvars.Lookup
	spans    *spantree.Recorder
	points   sdkmetric.Reader
	shutdown func(context.Context) error
}

// Start sets OpenTelemetry up. Without any variable that names a backend there
// is nothing to send to, and nothing is tried: a newcomer's first run stays
// quiet.
func Start(ctx context.Context, service string, getenv func(string) string) (*Run, error) {
	r := &Run{getenv: getenv, spans: &spantree.Recorder{}, points: sdkmetric.NewManualReader()}
	r.env = func(name string) (string, bool) { v := getenv(name); return v, v != "" }
	opts := []spanloom.Option{
		spanloom.WithServiceName(service),
		spanloom.WithSpanProcessor(r.spans),
		spanloom.WithMetricReader(r.points),
	}
	if !r.env.NamesBackend() {
		opts = append(opts, spanloom.WithoutExport())
	}
	var err error
	r.shutdown, err = spanloom.Init(ctx, opts...)
	return r, err
}

// Print prints the tree of the spans that have ended and what they used.
func (r *Run) Print(w io.Writer) {
	s := screen.Of(w, r.getenv)
	spans := r.spans.Spans()
	fmt.Fprintln(w)
	Tree(w, s, spans)
	fmt.Fprintln(w)
	Sum(spans).Tables(w, s)
}

// PrintMetrics prints the metrics so far, as a backend gets them.
func (r *Run) PrintMetrics(ctx context.Context, w io.Writer) error {
	fmt.Fprintln(w)
	return Metrics(context.WithoutCancel(ctx), w, r.points)
}

// Spans returns the spans that have ended.
func (r *Run) Spans() []sdktrace.ReadOnlySpan { return r.spans.Spans() }

// Reset forgets the spans, so that the next Print shows new ones only.
func (r *Run) Reset() { r.spans.Reset() }

// Serving says where Prometheus finds the metrics, if
// OTEL_METRICS_EXPORTER=prometheus asks for that.
func (r *Run) Serving() (url string, ok bool) {
	if kind, _ := r.env.Get(envvars.MetricsExporter); kind != "prometheus" {
		return "", false
	}
	return r.env.PrometheusURL(), true
}

// Hold waits until ctx ends where metrics are served: Prometheus comes for them,
// and must find the program.
func (r *Run) Hold(ctx context.Context, stderr io.Writer) {
	url, ok := r.Serving()
	if !ok || ctx.Err() != nil {
		return
	}
	fmt.Fprintf(stderr, "metrics are served at %s until Ctrl-C\n", url)
	<-ctx.Done()
}

// Close flushes, for five seconds at most, also after ctx was cancelled. Init
// has said what could not be delivered; it is no reason for an example to fail.
func (r *Run) Close(ctx context.Context) {
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = r.shutdown(flush)
}
