// SPDX-License-Identifier: Apache-2.0

package callbacks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
	"github.com/spanloom/spanloom/traceview"
)

// The price of a contract comes before the default ones.
func ExampleWithPrices() {
	mine, err := metrics.NewPrices(metrics.Price{Provider: "acme", Model: "acme-large", Input: 2, Output: 8})
	if err != nil {
		log.Fatal(err)
	}
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(
		callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
		callbacks.WithPrices(mine.Or(metrics.DefaultPrices())))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	_, span := handler.Start(context.Background(), callbacks.KindChat, "acme-large", attribute.String("gen_ai.provider.name", "acme"))
	span.SetUsage(metrics.Usage{Input: 1000, Output: 500})
	span.End(nil)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// chat acme-large  1000 → 500 tokens  $0.006000
}

// A monitor sees every operation, and reports what breaks a rule.
func ExampleWithObserver() {
	monitor := alert.NewMonitor(alert.WithErrorRate(0.5, 3), alert.WithSink(func(_ context.Context, a alert.Alert) error {
		fmt.Println(a)
		return nil
	}))
	handler, err := callbacks.NewHandler(callbacks.WithObserver(monitor))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	for range 4 {
		_, span := handler.Start(context.Background(), callbacks.KindChat, "acme-large")
		span.End(errors.New("overloaded"))
	}
	fmt.Println(monitor.Shutdown(context.Background())) // waits for the sink
	// Output:
	// error_rate firing: 1 (threshold 0.5)
	// <nil>
}
