// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/traceview"
)

// With durations each line also has a bar of time, and each trace its id above it.
func ExampleTree() {
	recorder := traceview.NewRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(provider), callbacks.WithContent(privacy.Redact))
	if err != nil {
		log.Fatal(err)
	}

	ctx, flow := handler.Start(context.Background(), callbacks.KindWorkflow, "support")
	flow.SetInput("Where is the parcel of bob@example.com?")
	_, chat := handler.Start(ctx, callbacks.KindChat, "gpt-4o-mini", attribute.String("gen_ai.provider.name", "openai"))
	chat.SetUsage(metrics.Usage{Input: 1200, Output: 80})
	chat.End(nil)
	_, tool := handler.Start(ctx, callbacks.KindTool, "track")
	tool.End(errors.New("no such parcel"))
	flow.End(nil)

	if err := traceview.Tree(os.Stdout, recorder.Spans(), traceview.WithoutTimes()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// invoke_workflow support  "Where is the parcel of [EMAIL]?"
	// ├─ chat gpt-4o-mini  1200 → 80 tokens  $0.000228
	// └─ execute_tool track  ERROR no such parcel
}

// With durations there are two columns more, P50 and P95.
func ExampleTables() {
	recorder := traceview.NewRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(provider))
	if err != nil {
		log.Fatal(err)
	}

	for range 3 {
		ctx, flow := handler.Start(context.Background(), callbacks.KindWorkflow, "support")
		_, chat := handler.Start(ctx, callbacks.KindChat, "gpt-4o-mini", attribute.String("gen_ai.provider.name", "openai"))
		chat.SetUsage(metrics.Usage{Input: 1200, Output: 80})
		chat.End(nil)
		flow.End(nil)
	}

	if err := traceview.Tables(os.Stdout, recorder.Spans(), traceview.WithoutTimes()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// MODEL        CALLS  ERRORS  RETRIES    IN  OUT       COST
	// gpt-4o-mini      3       0        0  3600  240  $0.000684
	//
	// TASK     RUNS  ERRORS  RETRIES    IN  OUT       COST
	// support     3       0        0  3600  240  $0.000684
}

func ExampleSum() {
	recorder := traceview.NewRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(provider))
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		_, chat := handler.Start(context.Background(), callbacks.KindChat, "gpt-4o-mini", attribute.String("gen_ai.provider.name", "openai"))
		chat.SetUsage(metrics.Usage{Input: 1200, Output: 80})
		chat.End(nil)
	}

	total := traceview.Sum(recorder.Spans()).Total
	fmt.Println(total.Calls, "calls,", total.Input, "+", total.Output, "tokens,", total.Cost, "dollars")
	// Output: 3 calls, 3600 + 240 tokens, 0.000684 dollars
}

func ExampleWriteHTML() {
	recorder := traceview.NewRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	_, span := provider.Tracer("shop").Start(context.Background(), "answer a customer")
	span.End()

	var page strings.Builder // a file, in a program
	if err := traceview.WriteHTML(&page, recorder.Spans()); err != nil {
		log.Fatal(err)
	}
	_, title, _ := strings.Cut(page.String(), "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	fmt.Println(title)
	fmt.Println("small enough to mail:", page.Len() < 300_000)
	// Output:
	// answer a customer
	// small enough to mail: true
}

// A Printer writes each trace as soon as it has ended. spanloom.WithTree sets one up.
func ExampleNewPrinter() {
	printer := traceview.NewPrinter(os.Stdout, traceview.WithoutTimes())
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(printer))
	tracer := provider.Tracer("shop")

	for _, name := range []string{"first request", "second request"} {
		ctx, request := tracer.Start(context.Background(), name)
		_, search := tracer.Start(ctx, "search")
		search.End()
		request.End()
	}

	if err := provider.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// first request
	// └─ search
	//
	// second request
	// └─ search
}

func ExampleNewPages() {
	folder := filepath.Join(os.TempDir(), "spanloom-example-pages")
	pages, err := traceview.NewPages(folder, 2)
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(pages))

	for range 5 {
		_, span := provider.Tracer("shop").Start(context.Background(), "request")
		span.End()
	}

	if err := provider.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(files), "pages")
	_ = os.RemoveAll(folder)
	// Output: 2 pages
}

// A Recorder keeps the newest traces; spanloom.WithSpanProcessor takes it.
func ExampleNewRecorder() {
	recorder := traceview.NewRecorder(traceview.WithMaxTraces(2))
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))

	for i := range 5 {
		_, span := provider.Tracer("shop").Start(context.Background(), fmt.Sprintf("request %d", i))
		span.End()
	}

	for _, span := range recorder.Spans() {
		fmt.Println(span.Name())
	}
	// Output:
	// request 3
	// request 4
}

// The page shows what spans hold: mount it on a loopback address or behind the program's
// own authentication.
func ExampleHandler() {
	recorder := traceview.NewRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	_, span := provider.Tracer("shop").Start(context.Background(), "answer a customer")
	span.End()

	mux := http.NewServeMux()
	mux.Handle("/debug/llm/", traceview.Handler(recorder))

	response := httptest.NewRecorder()
	mux.ServeHTTP(response, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/debug/llm/?trace="+span.SpanContext().TraceID().String(), nil))
	fmt.Println(response.Code, response.Header().Get("Content-Type"))
	fmt.Println(strings.Contains(response.Body.String(), "<title>answer a customer</title>"))
	// Output:
	// 200 text/html; charset=utf-8
	// true
}

// A file of traces, such as the Collector's file exporter writes.
func ExampleReadOTLP() {
	file := strings.NewReader(`{"resourceSpans":[{"scopeSpans":[{"spans":[
		{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"chat gpt-4o-mini",
		 "startTimeUnixNano":"1760000000000000000","endTimeUnixNano":"1760000001250000000",
		 "attributes":[{"key":"gen_ai.usage.input_tokens","value":{"intValue":"1200"}}]}]}]}]}`)

	spans, err := traceview.ReadOTLP(file)
	if err != nil {
		log.Fatal(err)
	}
	if err := traceview.Tree(os.Stdout, spans); err != nil {
		log.Fatal(err)
	}
	// Output:
	// trace 0af7651916cd43dd8448eb211c80319c
	// chat gpt-4o-mini  ████████████████████     1.25s  1200 → 0 tokens
}
