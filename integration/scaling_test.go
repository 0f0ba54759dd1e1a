// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/integration/collector"
	"github.com/spanloom/spanloom/integration/internal/process"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// group is two Collectors with the configuration of docs/scaling, in front of one
// that stands for the backend.
type group struct {
	processes [2]*process.Process
	grpc      [2]string // OTLP endpoints
	http      [2]string
	scrape    [2]string
}

func startGroup(t *testing.T, backend *collector.Collector) *group {
	t.Helper()
	config, err := filepath.Abs(filepath.Join("..", "docs", "scaling", "collector.yaml"))
	require.NoError(t, err)
	for try := 1; ; try++ {
		g, err := tryGroup(t, config, backend)
		if err == nil {
			return g
		}
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		require.Less(t, try, 5)
	}
}

func tryGroup(t *testing.T, config string, backend *collector.Collector) (*group, error) {
	addrs, err := process.FreeAddrs(8)
	if err != nil {
		return nil, err
	}
	g := &group{}
	for i := range g.processes {
		own := addrs[2+3*i:]
		g.processes[i], err = collector.Run(t, config,
			"PEER_1="+addrs[0], "PEER_2="+addrs[1], "PEER_LISTEN="+addrs[i],
			"OTLP_GRPC="+own[0], "OTLP_HTTP="+own[1], "PROMETHEUS_LISTEN="+own[2],
			"BACKEND="+strings.TrimPrefix(backend.GRPCEndpoint(), "http://"), "BACKEND_INSECURE=true",
			"DECISION_WAIT=30s", "ROOT_WAIT=3s", "REST_PERCENT=0", "SPAN_METRICS_INTERVAL=100ms", "OWN_METRICS=none")
		if err != nil {
			return nil, err
		}
		g.grpc[i], g.http[i], g.scrape[i] = "http://"+own[0], "http://"+own[1], "http://"+own[2]+"/metrics"
	}
	return g, nil
}

var callsLine = regexp.MustCompile(`(?m)^traces_span_metrics_calls_total\{(.*)\} (\S+)$`)

// calls adds up the span metrics of both Collectors, by service and span name.
func (g *group) calls(t *testing.T) map[string]int {
	t.Helper()
	sums := map[string]int{}
	for _, url := range g.scrape {
		res, err := http.Get(url) //nolint:noctx // loopback
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		for _, m := range callsLine.FindAllStringSubmatch(string(body), -1) {
			label := func(name string) string {
				_, after, _ := strings.Cut(","+m[1], ","+name+`="`)
				value, _, _ := strings.Cut(after, `"`)
				return value
			}
			n, err := strconv.ParseFloat(m[2], 64)
			require.NoError(t, err)
			sums[label("service_name")+": "+label("span_name")] += int(n)
		}
	}
	return sums
}

// program is a service of its own within the test: its spans have its name, and go to
// its Collector.
type program struct {
	*callbacks.Handler
	tracer trace.Tracer
	flush  func()
}

func startProgram(t *testing.T, name, endpoint string) program {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	spans, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint))
	require.NoError(t, err)
	points, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpointURL(endpoint))
	require.NoError(t, err)
	res := resource.NewSchemaless(attribute.String("service.name", name))
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(res))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(points)), sdkmetric.WithResource(res))
	h, err := callbacks.NewHandler(callbacks.WithTracerProvider(tp), callbacks.WithMeterProvider(mp),
		callbacks.WithPrices(metrics.DefaultPrices()), callbacks.WithContent(privacy.Verbatim))
	require.NoError(t, err)
	return program{h, tp.Tracer("the program's own"), func() {
		assert.NoError(t, tp.Shutdown(ctx))
		assert.NoError(t, mp.Shutdown(ctx))
	}}
}

const (
	mail = "erika.mustermann@example.org"
	key  = "sk-proj-abcdefghijklmnopqrstuvwxyz012345"
	// spansOfRequest is what request makes: two in front, three behind.
	spansOfRequest = 5
)

// request is one trace over both programs. What makes it worth keeping happens in
// one span of one of them.
func request(ctx context.Context, front, back program, kind string) trace.TraceID {
	started := time.Now()
	if kind == "slow" {
		started = started.Add(-time.Minute)
	}
	ctx, root := front.tracer.Start(ctx, "GET /ask", trace.WithTimestamp(started))
	ctx, answer := front.Start(ctx, callbacks.KindWorkflow, "answer")

	// What otelhttp does on the way to the other program.
	remote := trace.ContextWithRemoteSpanContext(context.Background(), trace.SpanContextFromContext(ctx))
	inner, rag := back.Start(remote, callbacks.KindWorkflow, "rag")
	rag.SetInput("I am " + mail + " and my key is " + key)
	_, retrieval := back.Start(inner, callbacks.KindRetrieval, "docs")
	found := 4
	if kind == "nothing found" {
		found = 0
	}
	retrieval.SetAttributes(attribute.Int("spanloom.retrieval.document_count", found))
	retrieval.End(nil)
	_, chat := back.Start(inner, callbacks.KindChat, "gpt-4o", attribute.String("gen_ai.provider.name", "openai"))
	usage := metrics.Usage{Input: 1000, Output: 100}
	if kind == "dear" {
		usage.Input = 1_000_000
	}
	chat.SetUsage(usage)
	var err error
	if kind == "failed" {
		err = errors.New("overloaded")
	}
	chat.End(err)
	rag.End(nil)

	answer.End(nil)
	root.End()
	return root.SpanContext().TraceID()
}

// The kinds of requests, and whether their traces are kept.
var requestKinds = map[string]bool{"ordinary": false, "failed": true, "slow": true, "dear": true, "nothing found": true}

func TestTwoCollectorsKeepWholeTraces(t *testing.T) {
	const each = 12
	backend := collector.Start(t)
	g := startGroup(t, backend)
	front, back := startProgram(t, "front", g.grpc[0]), startProgram(t, "back", g.grpc[1])
	kindOf, kept := map[string]string{}, 0
	for kind, keep := range requestKinds {
		for range each {
			kindOf[request(t.Context(), front, back, kind).String()] = kind
			if keep {
				kept++
			}
		}
	}
	back.flush()
	front.flush() // the roots come last, as in life
	total := each * len(requestKinds)
	want := map[string]int{
		"front: GET /ask": total, "front: invoke_workflow answer": total,
		"back: invoke_workflow rag": total, "back: retrieval docs": total, "back: chat gpt-4o": total,
	}
	assert.Eventually(t, func() bool { return assert.ObjectsAreEqual(want, g.calls(t)) }, time.Minute, 100*time.Millisecond)
	assert.Equal(t, want, g.calls(t), "span metrics count every span, also of traces that are dropped")

	assert.Eventually(t, func() bool { return len(backend.Spans()) >= kept*spansOfRequest }, 2*time.Minute, 100*time.Millisecond)
	g.stop(t)
	backend.Stop()
	spansOf, services := map[string]int{}, map[any]int{}
	for _, s := range backend.Spans() {
		spansOf[s.TraceID]++
		services[s.Resource["service.name"]]++
		text := fmt.Sprint(s)
		assert.NotContains(t, text, mail)
		assert.NotContains(t, text, key)
	}
	for id, kind := range kindOf {
		if requestKinds[kind] {
			assert.Equal(t, spansOfRequest, spansOf[id], "a trace that is kept is whole: %s", kind)
		} else {
			assert.Zero(t, spansOf[id], kind)
		}
	}
	assert.Equal(t, map[any]int{"front": 2 * kept, "back": 3 * kept}, services)
	assert.EqualValues(t, total, lastCount(backend.Metrics(), "gen_ai.client.operation.duration", "chat"), "the programs' own metrics know no sampling")
}

// The real services: what they do all day is dropped, and a failure kept.
func TestTwoServicesBehindTwoCollectors(t *testing.T) {
	bin := buildServices(t)
	backend := collector.Start(t)
	g := startGroup(t, backend)
	rag, stopRAG := service(t, bin, g.http[1], nil, "rag")
	gateway, stopGateway := service(t, bin, g.http[0], nil, "gateway", "-rag", rag)
	ask := func(status int) {
		res, err := http.Get(gateway + "/ask?q=How+do+I+keep+prompts+out+of+my+traces") //nolint:noctx // loopback
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, status, res.StatusCode)
	}
	const asked = 3
	for range asked {
		ask(http.StatusOK)
	}
	stopRAG()
	ask(http.StatusBadGateway)
	stopGateway()

	want := map[string]int{
		"gateway: GET /ask": asked + 1, "gateway: invoke_workflow answer": asked + 1, "gateway: HTTP POST": asked + 1,
		"rag: POST /ask": asked, "rag: retrieval docs": asked, "rag: chat offline-extractive": asked,
	}
	calls := func() map[string]int {
		got := g.calls(t)
		for name := range got {
			if want[name] == 0 {
				delete(got, name) // of the RAG service's own ingest, among others
			}
		}
		return got
	}
	assert.Eventually(t, func() bool { return assert.ObjectsAreEqual(want, calls()) }, time.Minute, 100*time.Millisecond)
	assert.Equal(t, want, calls())
	assert.Eventually(t, func() bool { return len(backend.Spans()) >= 3 }, time.Minute, 100*time.Millisecond)
	g.stop(t)
	backend.Stop()
	var names []string
	for _, s := range backend.Spans() {
		names = append(names, s.Name)
	}
	assert.ElementsMatch(t, []string{"GET /ask", "invoke_workflow answer", "HTTP POST"}, names)
}

func (g *group) stop(t *testing.T) {
	t.Helper()
	for _, p := range g.processes {
		assert.NoError(t, p.Stop())
	}
}

// lastCount is the count of a cumulative histogram for one operation.
func lastCount(ms []collector.Metric, name, operation string) (n uint64) {
	for _, m := range ms {
		if m.Name != name {
			continue
		}
		n = 0
		for _, p := range m.Points {
			if p.Attributes["gen_ai.operation.name"] == operation {
				n += p.Count
			}
		}
	}
	return n
}
