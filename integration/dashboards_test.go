// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/integration/internal/process"
	"github.com/spanloom/spanloom/metrics"
)

// prometheusServer is a running Prometheus that takes OTLP.
type prometheusServer struct{ url string }

func startPrometheus(t *testing.T) prometheusServer {
	t.Helper()
	bin := buildPrometheus(t, "prometheus")
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, []byte("storage: {tsdb: {out_of_order_time_window: 30m}}\n"), 0o600))
	for try := 1; ; try++ {
		addrs, err := process.FreeAddrs(1)
		require.NoError(t, err)
		cmd := exec.Command(bin, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addrs[0], //nolint:noctx // Stop ends it
			"--web.enable-otlp-receiver", "--enable-feature=exemplar-storage")
		cmd.Dir = dir
		p, err := process.Start(cmd, 20*time.Second)
		require.NoError(t, err)
		t.Cleanup(p.Kill)
		if err = p.WaitFor("Server is ready to receive web requests.", time.Minute); err == nil {
			return prometheusServer{"http://" + addrs[0]}
		}
		require.Contains(t, p.Output.String(), "address already in use")
		require.Less(t, try, 5)
	}
}

// get decodes the data of an answer of the API into v.
func (p prometheusServer) get(t *testing.T, v any, path string, form url.Values) {
	t.Helper()
	res, err := http.Get(p.url + path + "?" + form.Encode()) //nolint:noctx // loopback
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(t, "success", answer.Status, "%v: %s", form, answer.Error)
	require.NoError(t, json.Unmarshal(answer.Data, v))
}

type promSample struct {
	Metric map[string]string
	Value  [2]any
}

func (s promSample) number(t *testing.T) float64 {
	t.Helper()
	text, ok := s.Value[1].(string)
	require.True(t, ok)
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

func (p prometheusServer) query(t *testing.T, expr string) []promSample {
	t.Helper()
	var data struct{ Result []promSample }
	p.get(t, &data, "/api/v1/query", url.Values{"query": {expr}})
	return data.Result
}

// waitFor waits until the query has the value.
func (p prometheusServer) waitFor(t *testing.T, expr string, want float64) {
	t.Helper()
	require.Eventually(t, func() bool {
		got := p.query(t, expr)
		return len(got) == 1 && got[0].number(t) == want
	}, time.Minute, 50*time.Millisecond, expr)
}

// agency is a program that has what examples/services have not: agents, tools, money,
// streams, failures. What it does takes as long as it says. Each measurement is taken in
// a sampled span, so that there are exemplars.
type agency struct {
	recorder *metrics.Recorder
	provider *sdkmetric.MeterProvider
}

func startAgency(t *testing.T, p prometheusServer) agency {
	t.Helper()
	exporter, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpointURL(p.url+"/api/v1/otlp/v1/metrics"))
	require.NoError(t, err)
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)),
		sdkmetric.WithResource(resource.NewSchemaless(attribute.String("service.name", "agency"))))
	r, err := metrics.NewRecorder(mp)
	require.NoError(t, err)
	return agency{r, mp}
}

func (a agency) work(t *testing.T) {
	t.Helper()
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled,
	}))
	chat := metrics.Operation{Name: "chat", Provider: "openai", Model: "gpt-4o"}
	failed := func(op metrics.Operation) metrics.Operation {
		op.ErrorType = "timeout"
		return op
	}
	unpriced := chat
	unpriced.Model = "gpt-99"
	workflow := metrics.Operation{Name: "invoke_workflow", Entity: "answer"}
	tool := metrics.Operation{Name: "execute_tool", Entity: "calculator"}
	search := metrics.Operation{DBSystem: "qdrant", DBOperation: "search", DBCollection: "docs"}
	retrieval := metrics.Operation{Name: "retrieval", Entity: "docs"}
	const step = 70 * time.Millisecond
	for _, m := range []metrics.Measurement{
		{Operation: chat, Usage: metrics.Usage{Input: 1000, Output: 100}, Workflow: "answer", TimeToFirstChunk: step},
		{Operation: failed(chat)},
		{Operation: unpriced, Usage: metrics.Usage{Input: 10, Output: 1}},
		{Operation: workflow},
		{Operation: failed(workflow)},
		{Operation: metrics.Operation{Entity: "step"}},
		{Operation: metrics.Operation{Name: "invoke_agent", Entity: "clerk"}, InferenceCalls: 3, ToolCalls: 2},
		{Operation: tool},
		{Operation: failed(tool)},
		{Operation: search},
		{Operation: failed(search)},
		{Operation: retrieval, HasScore: true, BestScore: 0.75},
		{Operation: retrieval, Empty: true},
	} {
		m.Duration = step
		a.recorder.Record(ctx, m)
	}
	a.recorder.RecordRetry(ctx, chat)
	require.NoError(t, a.provider.ForceFlush(ctx))
}

// runServices runs examples/services, and asks them twice: a rate takes two values.
func runServices(t *testing.T, p prometheusServer) {
	t.Helper()
	env := []string{
		"OTEL_TRACES_EXPORTER=none", "OTEL_METRIC_EXPORT_INTERVAL=100",
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=" + p.url + "/api/v1/otlp/v1/metrics",
	}
	bin := buildServices(t)
	rag, stopRAG := service(t, bin, p.url, env, "rag")
	gateway, stopGateway := service(t, bin, p.url, env, "gateway", "-rag", rag)
	for i := range 2 {
		res, err := http.Get(gateway + "/ask?q=How+do+I+keep+prompts+out+of+my+traces") //nolint:noctx // loopback
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode)
		p.waitFor(t, `sum(gen_ai_client_operation_duration_seconds_count{job="rag",gen_ai_operation_name="chat"})`, float64(i+1))
		p.waitFor(t, `sum(gen_ai_invoke_workflow_duration_seconds_count{job="gateway"})`, float64(i+1))
	}
	stopGateway()
	stopRAG()
}

type dashboard struct {
	Panels []struct {
		Type, Title string
		Targets     []struct {
			Expr, LegendFormat string
			Exemplar           bool
		}
	}
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
}

// grafana puts in what Grafana does, with all services, models and workflows.
var grafana = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$service", ".*", "$model", ".*", "$workflow", ".*")

var (
	labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)
	inLegend    = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

func TestDashboardHasData(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "dashboards", "spanloom.json"))
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.Unmarshal(text, &d))

	p := startPrometheus(t)
	a := startAgency(t, p)
	a.work(t)
	runServices(t, p)
	a.work(t)
	require.NoError(t, a.provider.Shutdown(context.WithoutCancel(t.Context())))

	queries := 0
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			queries++
			expr := grafana.Replace(target.Expr)
			require.NotContains(t, expr, "$", "%s: a variable that the test does not know", panel.Title)
			samples := p.query(t, expr)
			values := 0
			for _, s := range samples {
				if v := s.number(t); !math.IsNaN(v) && !math.IsInf(v, 0) {
					values++
				}
				for _, m := range inLegend.FindAllStringSubmatch(target.LegendFormat, -1) {
					assert.Contains(t, s.Metric, m[1], "%s: the legend has a name", panel.Title)
				}
			}
			assert.NotZero(t, values, "%s: no data: %s\n%v", panel.Title, expr, samples)
			if target.Exemplar {
				assert.Contains(t, p.exemplars(t, expr), trace.TraceID{1}.String(), "%s: no exemplar", panel.Title)
			}
		}
	}
	assert.Greater(t, queries, 40)

	want := map[string][]string{
		"service": {"agency", "gateway", "rag"}, "model": {"gpt-4o", "gpt-99", "offline-extractive"}, "workflow": {"RetrievalQA", "answer"},
	}
	for _, v := range d.Templating.List {
		if v.Type != "query" {
			continue
		}
		m := labelValues.FindStringSubmatch(grafana.Replace(v.Definition))
		require.NotNil(t, m, v.Definition)
		var got []string
		p.get(t, &got, "/api/v1/label/"+m[2]+"/values", url.Values{"match[]": {m[1]}})
		assert.Subset(t, got, want[v.Name], v.Name)
	}

	// The figures are right, too, not only there.
	for expr, want := range map[string]float64{
		`histogram_quantile(0.95, sum by (le) (gen_ai_invoke_workflow_duration_seconds_bucket{job="agency"}))`: 0.07,
		`histogram_quantile(0.95, sum by (le) (spanloom_task_duration_seconds_bucket{job="agency"}))`:          0.07,
		`sum(gen_ai_usage_cost_USD_total{gen_ai_workflow_name="answer"})`:                                      2 * (1000*2.5 + 100*10) / 1e6,
		`sum(gen_ai_client_token_usage_sum{job="agency"})`:                                                     2 * 1111,
	} {
		got := p.query(t, expr)
		require.Len(t, got, 1, expr)
		assert.InEpsilon(t, want, got[0].number(t), 0.1, expr)
	}
}

// exemplars returns the trace ids of the exemplars that Grafana would show.
func (p prometheusServer) exemplars(t *testing.T, expr string) (ids []string) {
	t.Helper()
	var data []struct {
		Exemplars []struct{ Labels map[string]string }
	}
	unix := func(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }
	p.get(t, &data, "/api/v1/query_exemplars", url.Values{"query": {expr}, "start": {unix(-time.Hour)}, "end": {unix(time.Minute)}})
	for _, series := range data {
		for _, e := range series.Exemplars {
			ids = append(ids, e.Labels["trace_id"])
		}
	}
	return ids
}
