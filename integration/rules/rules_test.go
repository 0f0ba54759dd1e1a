// SPDX-License-Identifier: Apache-2.0

// Package rules holds the Prometheus rules in docs/alerts to what Spanloom emits
// and watches. promtool runs in ../alerts_test.go.
package rules

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.yaml.in/yaml/v3"

	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

type rule struct {
	Record, Alert, Expr string
	Labels, Annotations map[string]string
}

func readRules(t *testing.T) (rules []rule) {
	t.Helper()
	text, err := os.ReadFile("../../docs/alerts/spanloom.rules.yml")
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	for _, g := range file.Groups {
		rules = append(rules, g.Rules...)
	}
	require.Greater(t, len(rules), 10)
	return rules
}

// TestAlertsSayWhatTheMonitorSays compares thresholds, least counts and windows.
func TestAlertsSayWhatTheMonitorSays(t *testing.T) {
	expr := regexp.MustCompile(`^\S+ > ([0-9.]+)(?: and job:gen_ai_calls:increase5m (>|>=) (\d+))?$`)
	var got []alert.Rule
	for _, r := range readRules(t) {
		name := r.Labels["rule"]
		if name == "" {
			continue
		}
		m := expr.FindStringSubmatch(r.Expr)
		require.NotNil(t, m, r.Expr)
		threshold, err := strconv.ParseFloat(m[1], 64)
		require.NoError(t, err)
		out := alert.Rule{Name: name, Threshold: threshold}
		if m[3] != "" {
			n, err := strconv.Atoi(m[3])
			require.NoError(t, err)
			if m[2] == ">=" {
				out.Last = n // the mean of ten needs ten
			} else {
				out.MinCount = n
			}
		}
		got = append(got, out)
	}
	want := alert.DefaultRules()
	for i := range want {
		want[i].Signal = ""
		assert.Equal(t, alert.Overall, want[i].Scope)
	}
	assert.Equal(t, want, got)

	window := regexp.MustCompile(`(?:\[|offset )(\w+)`)
	for _, r := range readRules(t) {
		for _, m := range window.FindAllStringSubmatch(r.Expr, -1) {
			d, err := time.ParseDuration(m[1])
			require.NoError(t, err)
			assert.Equal(t, alert.NewMonitor().Rules()[0].Window, d, r.Expr)
		}
	}
}

var (
	quoted    = regexp.MustCompile(`"[^"]*"`)
	braces    = regexp.MustCompile(`\{([^}]*)\}`)
	grouping  = regexp.MustCompile(`by \(([^)]*)\)`)
	window    = regexp.MustCompile(`\[\w+\]|offset \w+`)
	word      = regexp.MustCompile(`[a-zA-Z_:][\w:]*`)
	functions = []string{"sum", "increase", "rate", "histogram_quantile", "or", "and", "unless"}
)

// TestRulesReadWhatIsEmitted runs a Recorder into the exporter that Prometheus
// scrapes, and looks for every metric and label of the rules in what comes out.
func TestRulesReadWhatIsEmitted(t *testing.T) {
	emitted := scrape(t)
	recorded := map[string]bool{}
	for _, r := range readRules(t) {
		recorded[r.Record] = true
	}
	for _, r := range readRules(t) {
		expr := quoted.ReplaceAllString(r.Expr, `""`)
		var labels []string
		for _, re := range []*regexp.Regexp{braces, grouping} {
			for _, m := range re.FindAllStringSubmatch(expr, -1) {
				labels = append(labels, word.FindAllString(m[1], -1)...)
			}
			expr = re.ReplaceAllString(expr, "")
		}
		for _, name := range word.FindAllString(window.ReplaceAllString(expr, ""), -1) {
			if slices.Contains(functions, name) || recorded[name] {
				continue
			}
			require.Contains(t, emitted, name, "%s%s reads it", r.Record, r.Alert)
			for _, l := range labels {
				if l != "job" { // the scrape's own
					assert.Contains(t, emitted[name], l, "%s%s reads it of %s", r.Record, r.Alert, name)
				}
			}
		}
	}
}

// TestUnitTestsCoverEveryAlert looks at names only; promtool does the rest.
func TestUnitTestsCoverEveryAlert(t *testing.T) {
	text, err := os.ReadFile("../../docs/alerts/spanloom.rules.test.yml")
	require.NoError(t, err)
	for _, r := range readRules(t) {
		if r.Alert != "" {
			assert.Contains(t, string(text), "alertname: "+r.Alert)
			assert.NotEmpty(t, r.Annotations["summary"], r.Alert)
		}
	}
}

// scrape returns the series' names with the labels they have.
func scrape(t *testing.T) map[string][]string {
	t.Helper()
	registry := prometheus.NewRegistry()
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	require.NoError(t, err)
	r, err := metrics.NewRecorder(sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter)), metrics.WithPrices(metrics.DefaultPrices()))
	require.NoError(t, err)
	chat := metrics.Operation{Name: "chat", Provider: "openai", Model: "gpt-4o", ErrorType: "500"}
	usage := metrics.Usage{Input: 10, Output: 10}
	r.Record(t.Context(), metrics.Measurement{Operation: chat, Usage: usage, TimeToFirstChunk: time.Second})
	r.RecordRetry(t.Context(), chat)
	chat.Model = "a model without a price"
	r.Record(t.Context(), metrics.Measurement{Operation: chat, Usage: usage})
	r.Record(t.Context(), metrics.Measurement{Operation: metrics.Operation{Name: "retrieval", Entity: "docs"}, Empty: true})

	families, err := registry.Gather()
	require.NoError(t, err)
	out := map[string][]string{}
	for _, f := range families {
		labels := map[string]bool{}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = true
			}
		}
		names := slices.Collect(maps.Keys(labels))
		if f.GetType().String() != "HISTOGRAM" {
			out[f.GetName()] = names
			continue
		}
		out[f.GetName()+"_count"], out[f.GetName()+"_sum"] = names, names
		out[f.GetName()+"_bucket"] = append(slices.Clone(names), "le")
	}
	return out
}
