// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/envvars"
)

// variableValues has for every variable values that Init takes, and values that
// it refuses with an error that helps. A variable that may hold anything has
// none of the latter.
var variableValues = map[string]struct{ good, bad []string }{
	"OTEL_SDK_DISABLED":                                  {good: []string{"true", "FALSE", "0"}, bad: []string{"yes", "2"}},
	"OTEL_SERVICE_NAME":                                  {good: []string{"shop", "متجر"}},
	"OTEL_RESOURCE_ATTRIBUTES":                           {good: []string{"a=b,c=d%20e", "a="}, bad: []string{"a", "=b", "a=%zz"}},
	"OTEL_TRACES_EXPORTER":                               {good: []string{"otlp", "console", "none"}, bad: []string{"zipkin", "otlp,console"}},
	"OTEL_METRICS_EXPORTER":                              {good: []string{"otlp", "console", "none"}, bad: []string{"statsd"}},
	"OTEL_EXPORTER_PROMETHEUS_HOST":                      {good: []string{"localhost"}},
	"OTEL_EXPORTER_PROMETHEUS_PORT":                      {good: []string{"0", "9464"}, bad: []string{"-1", "http"}},
	"OTEL_EXPORTER_OTLP_ENDPOINT":                        {good: []string{"http://127.0.0.1:1", "https://h.test/base"}, bad: []string{"127.0.0.1:1", "grpc://h", "http://"}},
	"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT":                 {good: []string{"http://127.0.0.1:1/x"}, bad: []string{"h"}},
	"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT":                {good: []string{"http://127.0.0.1:1/x"}, bad: []string{"h"}},
	"OTEL_EXPORTER_OTLP_PROTOCOL":                        {good: []string{"grpc", "http/protobuf"}, bad: []string{"http/json", "http"}},
	"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL":                 {good: []string{"grpc"}, bad: []string{"udp"}},
	"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL":                {good: []string{"grpc"}, bad: []string{"udp"}},
	"OTEL_EXPORTER_OTLP_HEADERS":                         {good: []string{"a=b,c=d", "a=b=c"}, bad: []string{"secret-key", "a: secret-key"}},
	"OTEL_EXPORTER_OTLP_TRACES_HEADERS":                  {good: []string{"a=b"}, bad: []string{"secret-key"}},
	"OTEL_EXPORTER_OTLP_METRICS_HEADERS":                 {good: []string{"a=b"}, bad: []string{"secret-key"}},
	"OTEL_EXPORTER_OTLP_COMPRESSION":                     {good: []string{"gzip", "none"}, bad: []string{"zip"}},
	"OTEL_EXPORTER_OTLP_TIMEOUT":                         {good: []string{"1", "10000"}, bad: []string{"10s", "-1"}},
	"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE":  {good: []string{"cumulative", "delta", "lowmemory"}, bad: []string{"both"}},
	"OTEL_METRIC_EXPORT_INTERVAL":                        {good: []string{"1000"}, bad: []string{"1m"}},
	"OTEL_METRIC_EXPORT_TIMEOUT":                         {good: []string{"1000"}, bad: []string{"1m"}},
	"OTEL_BSP_MAX_QUEUE_SIZE":                            {good: []string{"10000"}, bad: []string{"0", "-1", "many"}},
	"OTEL_BSP_MAX_EXPORT_BATCH_SIZE":                     {good: []string{"1"}, bad: []string{"0", "x"}},
	"OTEL_BSP_SCHEDULE_DELAY":                            {good: []string{"0", "100"}, bad: []string{"5s"}},
	"OTEL_BSP_EXPORT_TIMEOUT":                            {good: []string{"100"}, bad: []string{"5s"}},
	"OTEL_TRACES_SAMPLER":                                {good: []string{"always_on", "always_off", "traceidratio", "parentbased_traceidratio"}, bad: []string{"sometimes"}},
	"OTEL_TRACES_SAMPLER_ARG":                            {good: []string{"0", "0.5", "1"}, bad: []string{"2", "half"}},
	"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT":                    {good: []string{"64"}, bad: []string{"-1", "x"}},
	"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT":             {good: []string{"0", "1000"}, bad: []string{"-1", "x"}},
	"OTEL_PROPAGATORS":                                   {good: []string{"tracecontext, baggage", "b3", "none"}, bad: []string{"smoke"}},
	"SPANLOOM_CONTENT":                                   {good: []string{"none", "Redact", "hash", "verbatim"}, bad: []string{"true", "mask"}},
	"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": {good: []string{"SPAN_ONLY", "no_content", "true"}, bad: []string{"yes"}},
	"TRACELOOP_BASE_URL":                                 {good: []string{"http://127.0.0.1:1", "grpc://127.0.0.1:1", "grpcs://h.test"}, bad: []string{"h.test", "ftp://h.test"}},
	"TRACELOOP_API_KEY":                                  {good: []string{"key"}},
	"TRACELOOP_HEADERS":                                  {good: []string{"a=b"}, bad: []string{"secret-key"}},
	"TRACELOOP_BATCH_EXPORT":                             {good: []string{"true", "0"}, bad: []string{"maybe"}},
	"TRACELOOP_TRACE_CONTENT":                            {good: []string{"true", "False"}, bad: []string{"on"}},
	"TRACELOOP_TELEMETRY":                                {good: []string{"true", "false"}, bad: []string{"maybe"}},
}

func TestEveryVariable(t *testing.T) {
	for _, v := range envvars.All {
		values, ok := variableValues[v.Name]
		if !assert.True(t, ok, "%s has no row", v.Name) {
			continue
		}
		for _, good := range values.good {
			t.Run(v.Name+"="+good, func(t *testing.T) {
				t.Setenv(v.Name, good)
				shutdown, err := spanloom.Init(t.Context(), spanloom.WithLogger(slog.New(slog.DiscardHandler)))
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				_ = shutdown(ctx) // nobody listens
			})
		}
		for _, bad := range values.bad {
			t.Run(v.Name+"="+bad, func(t *testing.T) {
				t.Setenv(v.Name, bad)
				shutdown, err := spanloom.Init(t.Context())
				require.Error(t, err)
				assert.Contains(t, err.Error(), v.Name)
				assert.NotContains(t, err.Error(), "secret-key")
				if !v.Secret {
					assert.Contains(t, err.Error(), bad)
				}
				assert.Contains(t, err.Error(), "use ", "what is allowed")
				h, _ := callbacks.NewHandler() // says it once more, if it is about content
				_, span := h.Start(t.Context(), callbacks.KindChat, "the program runs on")
				span.End(nil)
				require.NoError(t, shutdown(t.Context()))
			})
		}
	}
	assert.Len(t, variableValues, len(envvars.All))
}

// What the program registers itself is named in the documentation, whole.
func TestEveryVariableIsDocumented(t *testing.T) {
	page := read(t, "docs/backends.md") + read(t, "docs/privacy.md")
	for _, v := range envvars.All {
		if strings.HasPrefix(v.Name, "TRACELOOP_") || strings.HasPrefix(v.Name, "SPANLOOM_") {
			assert.Contains(t, page, v.Name)
		}
	}
}
