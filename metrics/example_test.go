// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"fmt"

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

func ExampleMonitor() {
	monitor := metrics.NewMonitor(
		metrics.WithErrorRate(0.2, 3),
		metrics.WithSink(func(a metrics.Alert) { fmt.Println(a) }),
	)
	recorder, err := metrics.NewRecorder(nil, metrics.WithMonitor(monitor))
	if err != nil {
		fmt.Println(err)
	}
	// A callbacks.Handler with callbacks.WithRecorder(recorder) does this at the
	// end of every model call.
	for i := range 8 {
		call := metrics.Measurement{Operation: metrics.Operation{Name: "chat"}}
		if i == 2 {
			call.ErrorType = "timeout"
		}
		recorder.Record(context.Background(), call)
	}
	// Output:
	// error_rate firing: 0.25 (threshold 0.2)
	// error_rate resolved: 0.2 (threshold 0.2)
}
