// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/metrics"
)

func ExamplePrices() {
	prices, err := metrics.NewPrices(
		metrics.Price{Provider: "openai", Model: "gpt-4o", Input: 2.50, Output: 10, CacheRead: 1.25},
	)
	if err != nil {
		fmt.Println(err)
	}
	usd, ok := prices.Cost("openai", "gpt-4o", metrics.Usage{Input: 1200, CacheRead: 1000, Output: 300})
	fmt.Println(usd, ok)
	_, ok = prices.Cost("openai", "a model without a price", metrics.Usage{Input: 1200})
	fmt.Println(ok)
	// Output:
	// 0.00475 true
	// false
}

func ExampleLoadPrices() {
	mine, err := metrics.LoadPrices(strings.NewReader(`
{"prices": [
  {"provider": "openai", "model": "gpt-4o*", "input": 2.00, "output": 8.00}
]}
`))
	if err != nil {
		fmt.Println(err)
	}
	prices := mine.Or(metrics.DefaultPrices())

	var total metrics.USD // exact, however many are added
	for _, model := range []string{"gpt-4o-mini", "gpt-3.5-turbo", "gpt-99"} {
		cost, ok := prices.Amount("openai", model, metrics.Usage{Input: 1000, Output: 100})
		fmt.Println(model, cost, ok)
		total = total.Add(cost)
	}
	fmt.Println("total", total)
	// Output:
	// gpt-4o-mini 0.0028 true
	// gpt-3.5-turbo 0.00065 true
	// gpt-99 0 false
	// total 0.00345
}

func ExampleNewPrices() {
	prices, err := metrics.NewPrices(
		metrics.Price{Model: "acme-*", Input: 2, Output: 8}, // dollars per million tokens
		metrics.Price{Model: "acme-mini", Input: -1, Output: 1},
	)
	fmt.Println(err) // names the entry that is left out; the others count
	usd, ok := prices.Cost("acme", "acme-large", metrics.Usage{Input: 1000, Output: 500})
	fmt.Println(usd, ok)
	// Output:
	// metrics: the price of model "acme-mini" of provider "" has input -1: use US dollars per million tokens, from 0.000001 to a billion
	// 0.006 true
}

// List prices for dashboards and alerts. They come with the library, and change with it.
func ExampleDefaultPrices() {
	prices := metrics.DefaultPrices()
	for _, model := range []string{"gpt-4o-mini", "gpt-99"} {
		_, ok := prices.Cost("openai", model, metrics.Usage{Input: 1000, Output: 100})
		fmt.Println(model, ok)
	}
	// Output:
	// gpt-4o-mini true
	// gpt-99 false
}

// A recorder for calls that no Handler sees. callbacks.WithRecorder gives one to a Handler.
func ExampleNewRecorder() {
	ctx := context.Background()
	reader := sdkmetric.NewManualReader()
	recorder, err := metrics.NewRecorder(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
		metrics.WithBuckets("gen_ai.client.operation.duration", 0.1, 1, 10))
	if err != nil {
		log.Print(err) // the recorder works all the same
	}
	recorder.Record(ctx, metrics.Measurement{
		Operation: metrics.Operation{Name: "chat", Provider: "openai", Model: "gpt-4o-mini"},
		Duration:  400 * time.Millisecond,
		Usage:     metrics.Usage{Input: 1000, Output: 100},
	})

	var collected metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &collected); err != nil {
		log.Fatal(err)
	}
	for _, m := range collected.ScopeMetrics[0].Metrics {
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
			fmt.Println(m.Name, m.Unit, h.DataPoints[0].Sum, h.DataPoints[0].BucketCounts)
		}
	}
	// Output:
	// gen_ai.client.operation.duration s 0.4 [0 1 0 0]
}
