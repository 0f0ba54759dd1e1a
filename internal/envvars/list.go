// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"math"
	"slices"

	"github.com/spanloom/spanloom/internal/contentenv"
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
	BatchDelay        = "OTEL_BSP_SCHEDULE_DELAY"
	BatchTimeout      = "OTEL_BSP_EXPORT_TIMEOUT"
	Tree              = "SPANLOOM_TREE"
	TraceHTML         = "SPANLOOM_TRACE_HTML"
	TraceloopBaseURL  = "TRACELOOP_BASE_URL"
	TraceloopAPIKey   = "TRACELOOP_API_KEY" //nolint:gosec // the name of a variable
	TraceloopHeaders  = "TRACELOOP_HEADERS"
	TraceloopBatching = "TRACELOOP_BATCH_EXPORT"

	prefix = "OTEL_EXPORTER_OTLP_"
)

// MaxQueue is how many spans a queue or a batch may hold: the SDK allocates the
// room for all of them at once.
const MaxQueue = 1 << 20

// Variable is one of the list.
type Variable struct {
	Name, Default, Purpose string
	kind
}

// forSignals makes the common variable and those of both signals, which win.
func forSignals(what, standard, purpose string, k kind) []Variable {
	return []Variable{
		{prefix + what, standard, purpose, k},
		{prefix + "TRACES_" + what, "", "the same for traces", k},
		{prefix + "METRICS_" + what, "", "the same for metrics", k},
	}
}

// All lists the variables in the order of the documentation. Exporters and
// propagators can be registered by a program under names of its own: whoever
// makes them checks them.
var All = slices.Concat([]Variable{
	{Disabled, "false", "true switches everything off", boolean},
	{"OTEL_SERVICE_NAME", "unknown_service", "the name of the service", anything},
	{"OTEL_RESOURCE_ATTRIBUTES", "", "more about the service", attributes},
	{TracesExporter, "otlp", "where spans go: a list of otlp, console, or none", anything},
	{MetricsExporter, "otlp", "where metrics go: a list of otlp, console, or prometheus or none", anything},
	{PrometheusHost, "localhost", "where metrics are served, with prometheus", anything},
	{PrometheusPort, "9464", "the port for that", number("a port", 0, math.MaxUint16)},
	{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "base URL; /v1/traces and /v1/metrics are added", endpoint},
	{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "", "URL for spans, taken as it is", endpoint},
	{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "", "URL for metrics, taken as it is", endpoint},
},
	forSignals("PROTOCOL", "http/protobuf", "how it is sent", exactly("http/protobuf or grpc")),
	forSignals("HEADERS", "", "API keys", headers),
	forSignals("COMPRESSION", "none", "compression", exactly("gzip or none")),
	forSignals("TIMEOUT", "10000", "longest time of one export", milliseconds(0)),
	forSignals("CERTIFICATE", "", "who may vouch for the backend, instead of the system's", file),
	forSignals("CLIENT_CERTIFICATE", "", "who we are", file),
	forSignals("CLIENT_KEY", "", "the key of that", file),
	forSignals("INSECURE", "", "accepted; the scheme of the endpoint decides", oneOf("true or false")),
	[]Variable{
		{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative", "delta for Datadog and Dynatrace", oneOf("cumulative, delta or lowmemory")},
		{"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram", "how histograms are sent", oneOf("explicit_bucket_histogram or base2_exponential_bucket_histogram")},
		{"OTEL_METRICS_EXEMPLAR_FILTER", "trace_based", "which measurements point to their trace", oneOf("always_on, always_off or trace_based")},
		{"OTEL_METRIC_EXPORT_INTERVAL", "60000", "time between exports of metrics", milliseconds(1)},
		{"OTEL_METRIC_EXPORT_TIMEOUT", "30000", "longest time of one", milliseconds(1)},
		{QueueSize, "2048", "spans that wait; more are dropped", spans},
		{BatchSize, "512", "spans sent at once", spans},
		{BatchDelay, "5000", "longest wait of a span", milliseconds(1)},
		{BatchTimeout, "30000", "longest time of one batch", milliseconds(0)},
		{"OTEL_TRACES_SAMPLER", "parentbased_always_on", "which traces are kept", oneOf("always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio")},
		{"OTEL_TRACES_SAMPLER_ARG", "1", "how many, for the samplers of a ratio", anything},
		{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "128", "attributes of a span", count},
		{"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "", "runes of an attribute; cuts through JSON, WithContentLimit does not", count},
		{"OTEL_ATTRIBUTE_COUNT_LIMIT", "", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, if that is not set", count},
		{"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, if that is not set", count},
		{"OTEL_SPAN_EVENT_COUNT_LIMIT", "128", "events of a span", count},
		{"OTEL_SPAN_LINK_COUNT_LIMIT", "128", "links of a span", count},
		{"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "128", "attributes of an event", count},
		{"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "128", "attributes of a link", count},
		{"OTEL_PROPAGATORS", "tracecontext,baggage", "how traces cross services", anything},
		{Tree, "false", "true writes each trace as a tree to standard error", boolean},
		{TraceHTML, "", "a folder for a page of each trace; the newest 100 are kept", file},
		{contentenv.Content.Name, contentenv.None, "prompts and answers on spans, and how", oneOf(contentenv.Content.Allowed)},
		{contentenv.Errors.Name, "as content", "messages of errors, and how; without: type, status and code", oneOf(contentenv.Errors.Allowed)},
		{contentenv.Prices, "the library's list", "what models cost: off, or a file of prices that come before that list", file},
		{contentenv.Capture.Name, "NO_CONTENT", "prompts and answers, as they are", oneOf(contentenv.Capture.Allowed)},
		{TraceloopBaseURL, "https://api.traceloop.com, with a key", "where to send, if no OTEL_EXPORTER_OTLP_ENDPOINT says it", baseURL},
		{TraceloopAPIKey, "", "sent as a bearer token, to Traceloop's URL only", key},
		{TraceloopHeaders, "", "headers for Traceloop's URL, instead of the key", headers},
		{TraceloopBatching, "true", "false sends each span at once", boolean},
		{contentenv.Traceloop.Name, "false", "prompts and answers, as they are", boolean},
		{"TRACELOOP_TELEMETRY", "false", "accepted; Spanloom sends nothing of its own either way", boolean},
	},
)

// variable is the one of that name in the list.
func variable(name string) Variable {
	return All[slices.IndexFunc(All, func(v Variable) bool { return v.Name == name })]
}
