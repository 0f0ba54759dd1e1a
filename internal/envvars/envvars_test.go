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

func TestInt(t *testing.T) {
	for value, want := range map[string]int{"": 2048, "7": 7, "many": 2048, "0": 2048, "-1": 2048, "2000000000": MaxQueue, "99999999999999999999": 2048} {
		assert.Equal(t, want, env(map[string]string{QueueSize: value}).Int(QueueSize), value)
	}
}

func TestMisspelt(t *testing.T) {
	for name, meant := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPONT":  "OTEL_EXPORTER_OTLP_ENDPOINT",
		"OTEL_EXPORTER_OLTP_ENDPOINT": "OTEL_EXPORTER_OTLP_ENDPOINT",
		"OTEL_EXPORTER_OTEL_HEADERS":  "OTEL_EXPORTER_OTLP_HEADERS",
		"OTEL_EXPORTER_ENDPOINT":      "OTEL_EXPORTER_OTLP_ENDPOINT",
		"OTEL_TRACE_EXPORTER":         "OTEL_TRACES_EXPORTER",
		"OTEL_METRIC_EXPORTER":        "OTEL_METRICS_EXPORTER",
		"OTEL_SERVICENAME":            "OTEL_SERVICE_NAME",
		"SPANLOOM_CONTENTS":           "SPANLOOM_CONTENT",
		"SPANLOOM_ERROR_MESSAGE":      "SPANLOOM_ERROR_MESSAGES",
		"TRACELOOP_APIKEY":            "TRACELOOP_API_KEY",
	} {
		assert.Equal(t, []string{name + " is not known: did you mean " + meant + "?"}, Misspelt([]string{name + "=secret"}))
		assert.Empty(t, Misspelt([]string{name + "="}), "not set")
	}
	for _, v := range All {
		assert.Empty(t, Misspelt([]string{v.Name + "=x"}))
	}
	for _, other := range []string{
		"HOME", "OTEL", "OTEL_CONFIG_FILE", "OTEL_LOG_LEVEL", "OTEL_LOGS_EXPORTER", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_BLRP_MAX_QUEUE_SIZE",
		"OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_EXPORTER_ZIPKIN_ENDPOINT", "OTEL_EXPORTER_JAEGER_ENDPOINT", "OTEL_METRICS_PRODUCERS",
		"OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT", "OTEL_GO_X_OBSERVABILITY", "OTEL_NODE_RESOURCE_DETECTORS", "OTEL_SEMCONV_STABILITY_OPT_IN",
		"OTEL_PYTHON_LOG_LEVEL", "OTEL_JAVAAGENT_ENABLED", "SPANLOOM_DATA", "TRACELOOP_METRICS_ENABLED", "MY_OTEL_SERVICE_NAME",
	} {
		assert.Empty(t, Misspelt([]string{other + "=x"}))
	}
}
