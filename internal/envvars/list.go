// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"slices"
	"strings"
)

// The names that code looks for.
const (
	Disabled          = "OTEL_SDK_DISABLED"
	TracesExporter    = "OTEL_TRACES_EXPORTER"
	MetricsExporter   = "OTEL_METRICS_EXPORTER"
	PrometheusHost    = "OTEL_EXPORTER_PROMETHEUS_HOST"
	PrometheusPort    = "OTEL_EXPORTER_PROMETHEUS_PORT"
	QueueSize         = "OTEL_BSP_MAX_QUEUE_SIZE"
	BatchSize         = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
	Tree              = "SPANLOOM_TREE"
	Content           = "SPANLOOM_CONTENT"
	ErrorMessages     = "SPANLOOM_ERROR_MESSAGES"
	CaptureContent    = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
	TraceContent      = "TRACELOOP_TRACE_CONTENT"
	TraceloopBaseURL  = "TRACELOOP_BASE_URL"
	TraceloopAPIKey   = "TRACELOOP_API_KEY" //nolint:gosec // the name of a variable
	TraceloopHeaders  = "TRACELOOP_HEADERS"
	TraceloopBatching = "TRACELOOP_BATCH_EXPORT"
)

const prefix = "OTEL_EXPORTER_OTLP_"

// otlp returns the value of a variable of OTLP's exporters, ENDPOINT for
// example: the signal's own, TRACES or METRICS, before the common one.
func (l Lookup) otlp(signal, what string) (value, name string) {
	return l.Get(prefix+signal+"_"+what, prefix+what)
}

const (
	boolean   = "true or false"
	httpURL   = "a URL with http or https, such as http://localhost:4318"
	protocols = "http/protobuf or grpc"
	pairs     = "name=value,name=value, with %20 for a space"
	whole     = "a whole number above 0"
	count     = "a whole number from 0"
	millis    = "milliseconds, a whole number from 0"
	period    = "milliseconds, a whole number above 0"
	samplers  = "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio"
	pemFile   = "a file with certificates, PEM"
)

// words are the values of a text such as "a, b or c".
func words(allowed string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(allowed, " or ", ","), func(r rune) bool { return r == ',' || r == ' ' })
}

// forSignals makes the common variable and those of both signals, which win.
func forSignals(what string, v Variable) []Variable {
	v.Name = prefix + what
	all := []Variable{v}
	for _, signal := range []string{"TRACES", "METRICS"} {
		v.Name, v.Default, v.Purpose = prefix+signal+"_"+what, "", "the same for "+strings.ToLower(signal)
		all = append(all, v)
	}
	return all
}

// All lists the variables in the order of the documentation. Exporters and
// propagators can be registered by a program under names of its own: whoever
// makes them checks them.
var All = func() []Variable {
	endpoint := isURL("http", "https")
	return slices.Concat([]Variable{
		{Name: Disabled, Allowed: boolean, Default: "false", Purpose: "true switches everything off", check: isBool},
		{Name: "OTEL_SERVICE_NAME", Allowed: "a name", Default: "unknown_service", Purpose: "the name of the service", check: anything},
		{Name: "OTEL_RESOURCE_ATTRIBUTES", Allowed: pairs, Purpose: "more about the service", check: isPairs, shown: shownPairs},
		{Name: TracesExporter, Allowed: "otlp, console or none", Default: "otlp", Purpose: "where spans go", check: anything},
		{Name: MetricsExporter, Allowed: "otlp, prometheus, console or none", Default: "otlp", Purpose: "where metrics go", check: anything},
		{Name: PrometheusHost, Allowed: "a host", Default: "localhost", Purpose: "where metrics are served, with prometheus", check: anything},
		{Name: PrometheusPort, Allowed: "a port, from 0 to 65535", Default: "9464", Purpose: "the port for that", check: isPort},
		{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Allowed: httpURL, Default: "http://localhost:4318", Purpose: "base URL; /v1/traces and /v1/metrics are added", check: endpoint, shown: ShownURL},
		{Name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Allowed: httpURL, Purpose: "URL for spans, taken as it is", check: endpoint, shown: ShownURL},
		{Name: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", Allowed: httpURL, Purpose: "URL for metrics, taken as it is", check: endpoint, shown: ShownURL},
	},
		forSignals("PROTOCOL", Variable{Allowed: protocols, Default: "http/protobuf", Purpose: "how it is sent", check: oneOf("http/protobuf", "grpc")}),
		forSignals("HEADERS", Variable{Allowed: pairs, Purpose: "API keys", Secret: true, check: isHeaders}),
		forSignals("COMPRESSION", Variable{Allowed: "gzip or none", Default: "none", Purpose: "compression", check: oneOf("gzip", "none")}),
		forSignals("TIMEOUT", Variable{Allowed: millis, Default: "10000", Purpose: "longest time of one export", check: notNegative}),
		forSignals("CERTIFICATE", Variable{Allowed: pemFile, Purpose: "who may vouch for the backend, instead of the system's", check: isCertificate, shown: shownFile}),
		forSignals("CLIENT_CERTIFICATE", Variable{Allowed: pemFile, Purpose: "who we are", check: isCertificate, shown: shownFile}),
		forSignals("CLIENT_KEY", Variable{Allowed: "a file with a private key, PEM", Purpose: "the key of that", check: isPrivateKey, shown: shownFile}),
		forSignals("INSECURE", Variable{Allowed: boolean, Purpose: "accepted; the scheme of the endpoint decides", check: folded("true", "false")}),
		[]Variable{
			{Name: "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", Allowed: "cumulative, delta or lowmemory", Default: "cumulative", Purpose: "delta for Datadog and Dynatrace", check: folded("cumulative", "delta", "lowmemory")},
			{Name: "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", Allowed: "explicit_bucket_histogram or base2_exponential_bucket_histogram", Default: "explicit_bucket_histogram", Purpose: "how histograms are sent", check: folded("explicit_bucket_histogram", "base2_exponential_bucket_histogram")},
			{Name: "OTEL_METRICS_EXEMPLAR_FILTER", Allowed: "always_on, always_off or trace_based", Default: "trace_based", Purpose: "which measurements point to their trace", check: folded("always_on", "always_off", "trace_based")},
			{Name: "OTEL_METRIC_EXPORT_INTERVAL", Allowed: period, Default: "60000", Purpose: "time between exports of metrics", check: positive},
			{Name: "OTEL_METRIC_EXPORT_TIMEOUT", Allowed: period, Default: "30000", Purpose: "longest time of one", check: positive},
			{Name: QueueSize, Allowed: whole, Default: "2048", Purpose: "spans that wait; more are dropped", check: positive},
			{Name: BatchSize, Allowed: whole, Default: "512", Purpose: "spans sent at once", check: positive},
			{Name: "OTEL_BSP_SCHEDULE_DELAY", Allowed: period, Default: "5000", Purpose: "longest wait of a span", check: positive},
			{Name: "OTEL_BSP_EXPORT_TIMEOUT", Allowed: millis, Default: "30000", Purpose: "longest time of one batch", check: notNegative},
			{Name: "OTEL_TRACES_SAMPLER", Allowed: samplers, Default: "parentbased_always_on", Purpose: "which traces are kept", check: folded(words(samplers)...)},
			{Name: "OTEL_TRACES_SAMPLER_ARG", Allowed: "a ratio from 0 to 1", Default: "1", Purpose: "how many, for the samplers of a ratio", check: isRatio},
			{Name: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", Allowed: count, Default: "128", Purpose: "attributes of a span", check: notNegative},
			{Name: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", Allowed: count, Purpose: "runes of an attribute; cuts through JSON, WithContentLimit does not", check: notNegative},
			{Name: "OTEL_ATTRIBUTE_COUNT_LIMIT", Allowed: count, Purpose: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, if that is not set", check: notNegative},
			{Name: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Allowed: count, Purpose: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, if that is not set", check: notNegative},
			{Name: "OTEL_SPAN_EVENT_COUNT_LIMIT", Allowed: count, Default: "128", Purpose: "events of a span", check: notNegative},
			{Name: "OTEL_SPAN_LINK_COUNT_LIMIT", Allowed: count, Default: "128", Purpose: "links of a span", check: notNegative},
			{Name: "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", Allowed: count, Default: "128", Purpose: "attributes of an event", check: notNegative},
			{Name: "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", Allowed: count, Default: "128", Purpose: "attributes of a link", check: notNegative},
			{Name: "OTEL_PROPAGATORS", Allowed: "a list of tracecontext, baggage, b3, b3multi, jaeger, xray, ottrace, none", Default: "tracecontext,baggage", Purpose: "how traces cross services", check: anything},
			{Name: Tree, Allowed: boolean, Default: "false", Purpose: "true writes each trace as a tree to standard error", check: isBool},
			{Name: Content, Allowed: "none, redact, hash or verbatim", Default: "none", Purpose: "prompts and answers on spans, and how", check: isContent(Content)},
			{Name: ErrorMessages, Allowed: "none, redact, hash or verbatim", Default: "as content", Purpose: "messages of errors, and how; without: type, status and code", check: isPolicy},
			{Name: CaptureContent, Allowed: "SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, NO_CONTENT, true or false", Default: "NO_CONTENT", Purpose: "the same, as they are", check: isContent(CaptureContent)},
			{Name: TraceloopBaseURL, Allowed: "a URL with http, https, grpc or grpcs", Default: "https://api.traceloop.com, with a key", Purpose: "where to send, if no OTEL_EXPORTER_OTLP_ENDPOINT says it", check: isURL("http", "https", "grpc", "grpcs"), shown: ShownURL},
			{Name: TraceloopAPIKey, Allowed: "a key", Purpose: "sent as a bearer token, to Traceloop's URL only", Secret: true, check: anything},
			{Name: TraceloopHeaders, Allowed: pairs, Purpose: "headers for Traceloop's URL, instead of the key", Secret: true, check: isHeaders},
			{Name: TraceloopBatching, Allowed: boolean, Default: "true", Purpose: "false sends each span at once", check: isBool},
			{Name: TraceContent, Allowed: boolean, Default: "false", Purpose: "the same, as they are", check: isContent(TraceContent)},
			{Name: "TRACELOOP_TELEMETRY", Allowed: boolean, Default: "false", Purpose: "accepted; Spanloom sends nothing of its own either way", check: isBool},
		},
	)
}()
