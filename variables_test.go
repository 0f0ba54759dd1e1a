// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/envvars"
)

// variableValues has for every variable values that Init takes, and values that
// it says what is wrong with. A variable that may hold anything has none of the
// latter; of the sampler's argument the SDK says it. CERT, KEY and FOLDER stand for files, and beside is what a good
// value is not good without.
var variableValues = map[string]struct {
	good, bad []string
	beside    map[string]string
}{
	"OTEL_SDK_DISABLED":                                        {good: []string{"true", "FALSE", "0"}, bad: []string{"yes", "2"}},
	"OTEL_SERVICE_NAME":                                        {good: []string{"shop", "متجر"}},
	"OTEL_RESOURCE_ATTRIBUTES":                                 {good: []string{"a=b,c=d%20e", "a="}, bad: []string{"a", "=b", "a=%zz"}},
	"OTEL_TRACES_EXPORTER":                                     {good: []string{"otlp", "console", "none", "otlp,console", " console , otlp,"}, bad: []string{"zipkin", "otlp,zipkin"}},
	"OTEL_METRICS_EXPORTER":                                    {good: []string{"otlp", "console", "none", "otlp,console"}, bad: []string{"statsd", "otlp,statsd"}},
	"OTEL_EXPORTER_PROMETHEUS_HOST":                            {good: []string{"localhost"}},
	"OTEL_EXPORTER_PROMETHEUS_PORT":                            {good: []string{"0", "9464"}, bad: []string{"-1", "http", "99999"}},
	"OTEL_EXPORTER_OTLP_ENDPOINT":                              {good: []string{"http://127.0.0.1:1", "https://h.test/base"}, bad: []string{"127.0.0.1:1", "grpc://h", "http://", "http://h:65536", "http://h:99999999999999999999"}},
	"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT":                       {good: []string{"http://127.0.0.1:1/x"}, bad: []string{"h"}},
	"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT":                      {good: []string{"http://127.0.0.1:1/x"}, bad: []string{"h"}},
	"OTEL_EXPORTER_OTLP_PROTOCOL":                              {good: []string{"grpc", "http/protobuf"}, bad: []string{"http/json", "http"}},
	"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL":                       {good: []string{"grpc"}, bad: []string{"udp"}},
	"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL":                      {good: []string{"grpc"}, bad: []string{"udp"}},
	"OTEL_EXPORTER_OTLP_HEADERS":                               {good: []string{"a=b,c=d", "a=b=c"}, bad: []string{"secret-key", "a: secret-key", "a(b)=secret-key"}},
	"OTEL_EXPORTER_OTLP_TRACES_HEADERS":                        {good: []string{"a=b"}, bad: []string{"secret-key"}},
	"OTEL_EXPORTER_OTLP_METRICS_HEADERS":                       {good: []string{"a=b"}, bad: []string{"secret-key"}},
	"OTEL_EXPORTER_OTLP_COMPRESSION":                           {good: []string{"gzip", "none"}, bad: []string{"zip"}},
	"OTEL_EXPORTER_OTLP_TIMEOUT":                               {good: []string{"1", "10000"}, bad: []string{"10s", "-1"}},
	"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE":        {good: []string{"cumulative", "delta", "lowmemory", "Delta"}, bad: []string{"both"}},
	"OTEL_METRIC_EXPORT_INTERVAL":                              {good: []string{"1000"}, bad: []string{"1m", "0"}},
	"OTEL_METRIC_EXPORT_TIMEOUT":                               {good: []string{"1000"}, bad: []string{"1m", "0"}},
	"OTEL_BSP_MAX_QUEUE_SIZE":                                  {good: []string{"10000"}, bad: []string{"0", "-1", "many", "2000000000"}},
	"OTEL_BSP_MAX_EXPORT_BATCH_SIZE":                           {good: []string{"1"}, bad: []string{"0", "x", "2000000000"}},
	"OTEL_BSP_SCHEDULE_DELAY":                                  {good: []string{"1", "100"}, bad: []string{"5s", "0"}},
	"OTEL_BSP_EXPORT_TIMEOUT":                                  {good: []string{"0", "100"}, bad: []string{"5s"}},
	"OTEL_TRACES_SAMPLER":                                      {good: []string{"always_on", "always_off", "traceidratio", "parentbased_traceidratio", "ALWAYS_ON"}, bad: []string{"sometimes"}},
	"OTEL_TRACES_SAMPLER_ARG":                                  {good: []string{"0", "0.5", "1"}},
	"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT":                          {good: []string{"64"}, bad: []string{"-1", "x"}},
	"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT":                   {good: []string{"0", "1000"}, bad: []string{"-1", "x"}},
	"OTEL_EXPORTER_OTLP_CERTIFICATE":                           {good: []string{"CERT"}, bad: []string{"/nonexistent.pem", "KEY"}, beside: tlsEndpoint},
	"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE":                    {good: []string{"CERT"}, bad: []string{"/nonexistent.pem", "KEY"}, beside: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_CLIENT_KEY": "KEY"}},
	"OTEL_EXPORTER_OTLP_CLIENT_KEY":                            {good: []string{"KEY"}, bad: []string{"/nonexistent.pem", "CERT"}, beside: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "CERT"}},
	"OTEL_EXPORTER_OTLP_INSECURE":                              {good: []string{"true", "False"}, bad: []string{"maybe", "1"}},
	"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION":                    {good: []string{"gzip", "none"}, bad: []string{"zip"}},
	"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT":                        {good: []string{"1"}, bad: []string{"abc", "-1"}},
	"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE":                    {good: []string{"CERT"}, bad: []string{"/nonexistent.pem", "KEY"}, beside: tlsEndpoint},
	"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE":             {good: []string{"CERT"}, bad: []string{"/nonexistent.pem", "KEY"}, beside: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": "KEY"}},
	"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY":                     {good: []string{"KEY"}, bad: []string{"/nonexistent.pem", "CERT"}, beside: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": "CERT"}},
	"OTEL_EXPORTER_OTLP_TRACES_INSECURE":                       {good: []string{"true", "False"}, bad: []string{"maybe", "1"}},
	"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION":                   {good: []string{"gzip", "none"}, bad: []string{"zip"}},
	"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT":                       {good: []string{"1"}, bad: []string{"abc", "-1"}},
	"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE":                   {good: []string{"CERT"}, bad: []string{"/nonexistent.pem", "KEY"}, beside: tlsEndpoint},
	"OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE":            {good: []string{"CERT"}, bad: []string{"/nonexistent.pem", "KEY"}, beside: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY": "KEY"}},
	"OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY":                    {good: []string{"KEY"}, bad: []string{"/nonexistent.pem", "CERT"}, beside: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE": "CERT"}},
	"OTEL_EXPORTER_OTLP_METRICS_INSECURE":                      {good: []string{"true", "False"}, bad: []string{"maybe", "1"}},
	"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": {good: []string{"explicit_bucket_histogram", "base2_exponential_bucket_histogram"}, bad: []string{"foo"}},
	"OTEL_METRICS_EXEMPLAR_FILTER":                             {good: []string{"always_on", "always_off", "trace_based"}, bad: []string{"foo"}},
	"OTEL_ATTRIBUTE_COUNT_LIMIT":                               {good: []string{"64"}, bad: []string{"-1", "x"}},
	"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT":                        {good: []string{"64"}, bad: []string{"-1", "x"}},
	"OTEL_SPAN_EVENT_COUNT_LIMIT":                              {good: []string{"0", "64"}, bad: []string{"-1", "x"}},
	"OTEL_SPAN_LINK_COUNT_LIMIT":                               {good: []string{"64"}, bad: []string{"-1", "x"}},
	"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT":                         {good: []string{"64"}, bad: []string{"-1", "x"}},
	"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT":                          {good: []string{"64"}, bad: []string{"-1", "x"}},
	"OTEL_PROPAGATORS":                                         {good: []string{"tracecontext, baggage", "b3", "none"}, bad: []string{"smoke"}},
	"SPANLOOM_CONTENT":                                         {good: []string{"none", "Redact", "hash", "verbatim"}, bad: []string{"true", "mask"}},
	"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT":       {good: []string{"SPAN_ONLY", "no_content", "true"}, bad: []string{"yes"}},
	"TRACELOOP_BASE_URL":                                       {good: []string{"http://127.0.0.1:1", "grpc://127.0.0.1:1", "grpcs://h.test"}, bad: []string{"h.test", "ftp://h.test"}},
	"TRACELOOP_API_KEY":                                        {good: []string{"key"}},
	"TRACELOOP_HEADERS":                                        {good: []string{"a=b"}, bad: []string{"secret-key"}},
	"TRACELOOP_BATCH_EXPORT":                                   {good: []string{"true", "0"}, bad: []string{"maybe"}},
	"SPANLOOM_ERROR_MESSAGES":                                  {good: []string{"none", "Redact", "hash", "verbatim"}, bad: []string{"true", "mask"}},
	"SPANLOOM_PRICES":                                          {good: []string{"off", "prices.json"}},
	"SPANLOOM_TREE":                                            {good: []string{"true", "0"}, bad: []string{"maybe"}},
	"SPANLOOM_TRACE_HTML":                                      {good: []string{"FOLDER"}, bad: []string{"CERT"}},
	"TRACELOOP_TRACE_CONTENT":                                  {good: []string{"true", "False"}, bad: []string{"on"}},
	"TRACELOOP_TELEMETRY":                                      {good: []string{"true", "false"}, bad: []string{"maybe"}},
}

var tlsEndpoint = map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1"}

// pemFiles writes the certificate of httptest's servers, which is its own
// authority, and its key.
func pemFiles(t *testing.T) (cert, key string) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	s.Close()
	der, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return cert, key
}

func TestEveryVariable(t *testing.T) {
	cert, key := pemFiles(t)
	files := strings.NewReplacer("CERT", cert, "KEY", key, "FOLDER", t.TempDir())
	for _, v := range envvars.All {
		values, ok := variableValues[v.Name]
		if !assert.True(t, ok, "%s has no row", v.Name) {
			continue
		}
		for _, good := range values.good {
			t.Run(v.Name+"="+good, func(t *testing.T) {
				for name, value := range values.beside {
					t.Setenv(name, files.Replace(value))
				}
				t.Setenv(v.Name, files.Replace(good))
				shutdown, err := spanloom.Init(t.Context(), spanloom.WithLogger(slog.New(slog.DiscardHandler)))
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				_ = shutdown(ctx) // nobody listens
			})
		}
		for _, bad := range values.bad {
			t.Run(v.Name+"="+bad, func(t *testing.T) {
				bad := files.Replace(bad)
				t.Setenv(v.Name, bad)
				seen := tracetest.NewSpanRecorder()
				shutdown, err := spanloom.Init(t.Context(), spanloom.WithSpanProcessor(seen), spanloom.WithLogger(slog.New(slog.DiscardHandler)))
				require.Error(t, err)
				assert.NotEqual(t, strings.Contains(err.Error(), "spanloom: "+v.Name[:5]), strings.Contains(err.Error(), "s: "+v.Name[:5]), "said once for all, or for each signal: %s", err)
				assert.NotContains(t, err.Error(), "secret-key")
				assert.Contains(t, err.Error(), v.Shown(bad))
				assert.Contains(t, err.Error(), "use ", "what is allowed")
				h, _ := callbacks.NewHandler() // says it once more, if it is about content
				_, span := h.Start(t.Context(), callbacks.KindChat, "traced all the same")
				span.End(nil)
				if v.Name != "OTEL_TRACES_SAMPLER" {
					assert.Len(t, seen.Ended(), 1)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				_ = shutdown(ctx) // nobody listens
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

// A pair of variables: the exporters ignore one that is alone, and files that do
// not belong together.
func TestClientCertificates(t *testing.T) {
	cert, _ := pemFiles(t)
	other := filepath.Join(t.TempDir(), "key.pem")
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(other, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	failsWith := func(t *testing.T, wanted ...string) {
		t.Helper()
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithLogger(slog.New(slog.DiscardHandler)))
		for _, want := range wanted {
			require.ErrorContains(t, err, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_ = shutdown(ctx) // nobody listens
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1")
	for _, infix := range []string{"", "TRACES_", "METRICS_"} {
		t.Run(infix, func(t *testing.T) {
			if infix != "" {
				t.Setenv("OTEL_"+strings.Replace("TRACES_METRICS_", infix, "", 1)+"EXPORTER", "none")
			}
			certName, keyName := "OTEL_EXPORTER_OTLP_"+infix+"CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_"+infix+"CLIENT_KEY"
			t.Setenv(certName, cert)
			failsWith(t, certName, keyName, "use both or none")
			t.Setenv(keyName, other)
			failsWith(t, certName, keyName, "belong together")
		})
	}
}

// notMeant are beginnings of variables that parts of OpenTelemetry name, and
// Init does not follow or check, each with the reason.
var notMeant = map[string]string{
	"OTEL_GO_X_":                 "experiments of the SDK's",
	"OTEL_LOG":                   "Init sets no logs up; autoexport's comments also have OTEL_LOGSS_EXPORTER",
	"OTEL_BLRP_":                 "Init sets no logs up",
	"OTEL_EXPORTER_OTLP_LOGS_":   "Init sets no logs up",
	"OTEL_METRICS_EXPORTERS":     "a slip in a comment of autoexport's",
	"OTEL_METRICS_PRODUCERS":     "autoexport's own, an experiment; only its Prometheus server follows it",
	"OTEL_INSTRUMENTATION_HTTP_": "in a comment of semconv's; instrumentation of HTTP reads it",
}

// Every variable that the modules as pinned read is in our list. The names are those in
// their sources; OTLP's exporters put theirs together.
func TestEveryVariableOfOpenTelemetryIsKnown(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", `{{$dir := .Dir}}{{$path := .ImportPath}}{{range .GoFiles}}{{$path}} {{$dir}}/{{.}}{{"\n"}}{{end}}`, ".").Output()
	require.NoError(t, err)
	whole := regexp.MustCompile(`\bOTEL_[A-Z0-9_]+`)
	part := regexp.MustCompile(`(?i)withEnv\w+\(\s*"([A-Z_]+)"|envconfig\.With\w+\(\s*"([A-Z_]+)"(?:,\s*"([A-Z_]+)")?`)
	found := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !strings.HasPrefix(path, "go.opentelemetry.io/") {
			continue
		}
		source := read(t, file)
		for _, name := range whole.FindAllString(source, -1) {
			found[name] = path
		}
		if strings.Contains(path, "/otlptrace/") || strings.Contains(path, "/otlpmetric/") {
			for _, m := range part.FindAllStringSubmatch(source, -1) {
				for _, name := range m[1:] {
					if name != "" {
						found["OTEL_EXPORTER_OTLP_"+name] = path
					}
				}
			}
		}
	}
	require.Contains(t, found, "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION")
	require.Contains(t, found, "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY")
	require.Contains(t, found, "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT")
	known := map[string]bool{"OTEL_EXPORTER_OTLP": true} // what the exporters' begin with
	for _, v := range envvars.All {
		known[v.Name] = true
	}
	left := maps.Clone(notMeant)
	for name, path := range found {
		known := known[name]
		for beginning := range notMeant {
			if strings.HasPrefix(name, beginning) {
				known = true
				delete(left, beginning)
			}
		}
		assert.True(t, known, "%s, which %s reads", name, path)
	}
	assert.Empty(t, left, "nobody names these any more")
}
