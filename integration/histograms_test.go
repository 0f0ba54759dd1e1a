// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/integration/collector"
)

// docs/telemetry.md promises that one variable is enough.
func TestExponentialHistograms(t *testing.T) {
	c := collector.Start(t)
	runRAG(t, build(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.HTTPEndpoint(),
		"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram")
	c.Stop()
	types := map[string]string{}
	for _, m := range c.Metrics() {
		types[m.Name] = m.Type
	}
	for _, name := range []string{"gen_ai.invoke_workflow.duration", "spanloom.task.duration", "gen_ai.client.operation.duration", "gen_ai.client.token.usage"} {
		assert.Equal(t, "exponentialHistogram", types[name], name)
	}
}
