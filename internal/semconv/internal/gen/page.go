// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spanloom/spanloom/internal/semconv" //nolint:depguard // the generator describes it, and nothing imports the generator
)

const intro = `# What Spanloom emits

Spanloom turns each step of a langchaingo program into a span, and counts its tokens and seconds in metrics. This page
lists every name that can reach your backend, so that you can write queries, dashboards and alerts without guessing.

It is generated: change ` + "`internal/semconv`" + ` and run ` + "`go generate ./internal/semconv`" + `.
`

const spansIntro = `
## Spans

A part in braces is left out, with the space before it, when it is not known.
`

const attributesIntro = `
## Attributes

"registry" marks what the OpenTelemetry registry lists; with ` + "`callbacks.WithStrictSemConv()`" + ` nothing else is emitted.
"content" marks what stays out of spans unless you set a content policy: see [privacy](privacy.md).

Properties set with ` + "`callbacks.ContextWithAssociation`" + ` appear on every span as ` + "`" + semconv.AssociationPrefix + "{key}`" + `, and
` + "`session.id`" + ` and ` + "`user.id`" + ` under their own names as well. Response headers that help
to tell what went wrong (request ids, rate limits, retry-after) appear on chat and embeddings spans as
` + "`" + semconv.ResponseHeaderPrefix + "{name}`" + `, with ` + "`models.NewTransport`" + `.
`

const metricsIntro = `
## Metrics

Bucket boundaries are in the metric's unit; ` + "`metrics.WithBuckets`" + ` replaces them. Those of workflows, agents, tools and
tasks give percentiles that are at most half off from a millisecond on; the registry's begin at a second, at 100 ms and at
10 ms, and are what strict mode takes. With ` + "`OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram`" + `
all histograms are exact to a few percent, where the backend takes exponential ones.

A failed operation is recorded like any other, with ` + "`error.type`" + `. Tokens are recorded only when the provider reported them.
` + "`gen_ai.usage.cost`" + ` has ` + "`gen_ai.workflow.name`" + `, too, inside of a workflow. With ` + "`callbacks.WithStrictSemConv()`" + ` there are
only the registry's metrics.

[dashboards](dashboards/README.md) has a Grafana dashboard that reads them, and [alerts](alerts/README.md) rules.
`

func telemetryPage(registry []byte) []byte {
	listed := map[string]bool{}
	for key := range strings.Lines(string(registry)) {
		listed[strings.TrimSpace(key)] = true
	}
	var b bytes.Buffer
	b.WriteString(intro + spansIntro)
	spanTable(&b)
	b.WriteString(attributesIntro)
	attributeTable(&b, listed)
	b.WriteString(metricsIntro)
	metricTable(&b)
	return b.Bytes()
}

func spanTable(b *bytes.Buffer) {
	row := newTable(b, "operation", "span name", "span kind", string(semconv.OperationName),
		string(semconv.TraceloopSpanKind), string(semconv.OpenInferenceSpanKind))
	for _, k := range semconv.Kinds[1:] {
		row(k.Name, code(k.Verb+" {"+k.Named+"}"), strings.ToUpper(k.SpanKind.String()), code(k.Operation), code(k.Traceloop), code(k.OpenInference))
	}
}

func attributeTable(b *bytes.Buffer, listed map[string]bool) {
	row := newTable(b, "attribute", "type", "on", "registry", "content", "meaning")
	for _, a := range semconv.Attributes() {
		if a.On != 0 {
			row(code(string(a.Key)), a.Type, strings.Join(a.On.Names(), ", "), mark(listed[string(a.Key)]), mark(a.Content), a.Brief)
		}
	}
}

func metricTable(b *bytes.Buffer) {
	row := newTable(b, "metric", "instrument", "unit", "registry", "meaning", "bucket boundaries")
	for _, m := range semconv.Metrics() {
		instrument := "histogram"
		if m.Buckets == nil {
			instrument = "counter"
		}
		bounds := make([]string, len(m.Buckets))
		for i, v := range m.Buckets {
			bounds[i] = strconv.FormatFloat(v, 'f', -1, 64)
		}
		row(code(m.Name), instrument, code(m.Unit), mark(m.Registry), m.Description, strings.Join(bounds, ", "))
	}
}

// newTable writes the head of a table and returns the writer of its rows.
func newTable(b *bytes.Buffer, heads ...string) func(cells ...string) {
	row := func(cells ...string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }
	b.WriteByte('\n')
	row(heads...)
	row(slices.Repeat([]string{"---"}, len(heads))...)
	return row
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func mark(yes bool) string {
	if yes {
		return "yes"
	}
	return ""
}
