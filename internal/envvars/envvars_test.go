// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func env(vars map[string]string) Lookup {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

func TestNamesBackend(t *testing.T) {
	assert.False(t, env(nil).NamesBackend())
	assert.False(t, env(map[string]string{"OTEL_SERVICE_NAME": "x", "OTEL_EXPORTER_OTLP_ENDPOINT": " ", "TRACELOOP_TRACE_CONTENT": "true"}).NamesBackend())
	for _, name := range []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
		"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "TRACELOOP_API_KEY", "TRACELOOP_BASE_URL",
	} {
		assert.True(t, env(map[string]string{name: "x"}).NamesBackend(), name)
	}
}

func TestPrometheusURL(t *testing.T) {
	assert.Equal(t, "http://localhost:9464/metrics", env(nil).PrometheusURL())
	assert.Equal(t, "http://[::1]:80/metrics", env(map[string]string{"OTEL_EXPORTER_PROMETHEUS_HOST": "::1", "OTEL_EXPORTER_PROMETHEUS_PORT": " 80 "}).PrometheusURL())
}

// The words of a content variable are those that its error names.
func TestContentWordsAreWhatIsAllowed(t *testing.T) {
	for _, v := range contentWords {
		for _, word := range words(variable(v.name).Allowed) {
			policy, name, err := env(map[string]string{v.name: word}).ContentPolicy()
			assert.NoError(t, err)
			assert.Equal(t, v.name, name)
			assert.NotEmpty(t, policy)
		}
		_, _, err := env(map[string]string{v.name: "bad"}).ContentPolicy()
		assert.ErrorContains(t, err, v.name+`="bad": use `+variable(v.name).Allowed)
	}
}
