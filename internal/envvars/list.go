// SPDX-License-Identifier: Apache-2.0

package envvars

import "strings"

// The names that code looks for.
const (
	Disabled          = "OTEL_SDK_DISABLED"
	TracesExporter    = "OTEL_TRACES_EXPORTER"
	MetricsExporter   = "OTEL_METRICS_EXPORTER"
	QueueSize         = "OTEL_BSP_MAX_QUEUE_SIZE"
	BatchSize         = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
	Content           = "SPANLOOM_CONTENT"
	CaptureContent    = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
	TraceContent      = "TRACELOOP_TRACE_CONTENT"
	TraceloopBaseURL  = "TRACELOOP_BASE_URL"
	TraceloopAPIKey   = "TRACELOOP_API_KEY" //nolint:gosec // the name of a variable
	TraceloopHeaders  = "TRACELOOP_HEADERS"
	TraceloopBatching = "TRACELOOP_BATCH_EXPORT"
)

// Endpoint is the variable of a signal, TRACES or METRICS, and the common one.
func Endpoint(signal string) (own, common string) {
	return "OTEL_EXPORTER_OTLP_" + signal + "_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
}

// Protocol is Endpoint for the protocol.
func Protocol(signal string) (own, common string) {
	return "OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"
}

const (
	boolean   = "true or false"
	httpURL   = "a URL with http or https, such as http://localhost:4318"
	protocols = "http/protobuf or grpc"
	pairs     = "name=value,name=value, with %20 for a space"
	whole     = "a whole number above 0"
	millis    = "milliseconds, a whole number from 0"
)

// All lists the variables in the order of the documentation. Exporters and
// propagators can be registered by a program under names of its own: whoever
// makes them checks them.
var All = func() []Variable {
	protocol := oneOf("http/protobuf", "grpc")
	endpoint := isURL("http", "https")
	return []Variable{
		{Name: Disabled, Allowed: boolean, Default: "false", Purpose: "true switches everything off", check: isBool},
		{Name: "OTEL_SERVICE_NAME", Allowed: "a name", Default: "unknown_service", Purpose: "the name of the service", check: anything},
		{Name: "OTEL_RESOURCE_ATTRIBUTES", Allowed: pairs, Purpose: "more about the service", check: isPairs, shown: shownPairs},
		{Name: TracesExporter, Allowed: "otlp, console or none", Default: "otlp", Purpose: "where spans go", check: anything},
		{Name: MetricsExporter, Allowed: "otlp, prometheus, console or none", Default: "otlp", Purpose: "where metrics go", check: anything},
		{Name: "OTEL_EXPORTER_PROMETHEUS_HOST", Allowed: "a host", Default: "localhost", Purpose: "where metrics are served, with prometheus", check: anything},
		{Name: "OTEL_EXPORTER_PROMETHEUS_PORT", Allowed: "a port", Default: "9464", Purpose: "the port for that", check: notNegative},
		{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Allowed: httpURL, Default: "http://localhost:4318", Purpose: "base URL; /v1/traces and /v1/metrics are added", check: endpoint, shown: ShownURL},
		{Name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Allowed: httpURL, Purpose: "URL for spans, taken as it is", check: endpoint, shown: ShownURL},
		{Name: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", Allowed: httpURL, Purpose: "URL for metrics, taken as it is", check: endpoint, shown: ShownURL},
		{Name: "OTEL_EXPORTER_OTLP_PROTOCOL", Allowed: protocols, Default: "http/protobuf", Purpose: "how it is sent", check: protocol},
		{Name: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", Allowed: protocols, Purpose: "the same for spans", check: protocol},
		{Name: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", Allowed: protocols, Purpose: "the same for metrics", check: protocol},
		{Name: "OTEL_EXPORTER_OTLP_HEADERS", Allowed: pairs, Purpose: "API keys", Secret: true, check: isPairs},
		{Name: "OTEL_EXPORTER_OTLP_TRACES_HEADERS", Allowed: pairs, Purpose: "the same for spans", Secret: true, check: isPairs},
		{Name: "OTEL_EXPORTER_OTLP_METRICS_HEADERS", Allowed: pairs, Purpose: "the same for metrics", Secret: true, check: isPairs},
		{Name: "OTEL_EXPORTER_OTLP_COMPRESSION", Allowed: "gzip or none", Default: "none", Purpose: "compression", check: oneOf("gzip", "none")},
		{Name: "OTEL_EXPORTER_OTLP_TIMEOUT", Allowed: millis, Default: "10000", Purpose: "longest time of one export", check: notNegative},
		{Name: "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", Allowed: "cumulative, delta or lowmemory", Default: "cumulative", Purpose: "delta for Datadog and Dynatrace", check: oneOf("cumulative", "delta", "lowmemory")},
		{Name: "OTEL_METRIC_EXPORT_INTERVAL", Allowed: millis, Default: "60000", Purpose: "time between exports of metrics", check: notNegative},
		{Name: "OTEL_METRIC_EXPORT_TIMEOUT", Allowed: millis, Default: "30000", Purpose: "longest time of one", check: notNegative},
		{Name: QueueSize, Allowed: whole, Default: "2048", Purpose: "spans that wait; more are dropped", check: positive},
		{Name: BatchSize, Allowed: whole, Default: "512", Purpose: "spans sent at once", check: positive},
		{Name: "OTEL_BSP_SCHEDULE_DELAY", Allowed: millis, Default: "5000", Purpose: "longest wait of a span", check: notNegative},
		{Name: "OTEL_BSP_EXPORT_TIMEOUT", Allowed: millis, Default: "30000", Purpose: "longest time of one batch", check: notNegative},
		{Name: "OTEL_TRACES_SAMPLER", Allowed: "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio", Default: "parentbased_always_on", Purpose: "which traces are kept", check: oneOf("always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio")},
		{Name: "OTEL_TRACES_SAMPLER_ARG", Allowed: "a ratio from 0 to 1", Default: "1", Purpose: "how many, for the samplers of a ratio", check: isRatio},
		{Name: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", Allowed: whole, Default: "128", Purpose: "attributes of a span", check: notNegative},
		{Name: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", Allowed: "a whole number from 0", Purpose: "runes of an attribute; cuts through JSON, WithContentLimit does not", check: notNegative},
		{Name: "OTEL_PROPAGATORS", Allowed: "a list of tracecontext, baggage, b3, b3multi, jaeger, xray, ottrace, none", Default: "tracecontext,baggage", Purpose: "how traces cross services", check: anything},
		{Name: Content, Allowed: "none, redact, hash or verbatim", Default: "none", Purpose: "prompts and answers on spans, and how", check: func(v string) bool {
			return oneOf("none", "redact", "hash", "verbatim")(strings.ToLower(v))
		}},
		{Name: CaptureContent, Allowed: "SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, NO_CONTENT, true or false", Default: "NO_CONTENT", Purpose: "the same, as they are", check: func(v string) bool {
			return oneOf("SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT", "NO_CONTENT", "TRUE", "FALSE")(strings.ToUpper(v))
		}},
		{Name: TraceloopBaseURL, Allowed: "a URL with http, https, grpc or grpcs", Default: "https://api.traceloop.com, with a key", Purpose: "where to send, if no OTEL_EXPORTER_OTLP_ENDPOINT says it", check: isURL("http", "https", "grpc", "grpcs"), shown: ShownURL},
		{Name: TraceloopAPIKey, Allowed: "a key", Purpose: "sent as a bearer token, to Traceloop's URL only", Secret: true, check: anything},
		{Name: TraceloopHeaders, Allowed: pairs, Purpose: "headers for Traceloop's URL, instead of the key", Secret: true, check: isPairs},
		{Name: TraceloopBatching, Allowed: boolean, Default: "true", Purpose: "false sends each span at once", check: isBool},
		{Name: TraceContent, Allowed: boolean, Default: "false", Purpose: "the same, as they are", check: isBool},
		{Name: "TRACELOOP_TELEMETRY", Allowed: boolean, Default: "false", Purpose: "accepted; Spanloom sends nothing of its own either way", check: isBool},
	}
}()
