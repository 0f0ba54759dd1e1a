// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"fmt"
	"strings"

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
prices:
  - {provider: openai, model: "gpt-4o*", input: 2.00, output: 8.00} # as the contract says
  - {provider: ollama, model: "*", input: 0, output: 0}
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
	// At the end of the program: alerts are told by the way.
	if err := monitor.Flush(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// error_rate firing: 0.25 (threshold 0.2)
	// error_rate resolved: 0.2 (threshold 0.2)
}

func ExampleRule() {
	monitor := metrics.NewMonitor(
		metrics.WithSpend(50),
		metrics.WithRule(
			metrics.Rule{Name: "slow_models", Signal: metrics.SignalLatency, Scope: metrics.ByModel, Percentile: 0.95, Threshold: 20, MinCount: 20},
			metrics.Rule{Name: "expensive_workflows", Signal: metrics.SignalSpend, Scope: metrics.ByWorkflow, Threshold: 10},
		),
	)
	for _, r := range monitor.Rules() {
		fmt.Println(r.Name, ">", r.Threshold, r.Signal.Unit(), "in", r.Window)
	}
	// Output:
	// error_rate > 0.1 1 in 5m0s
	// mean_latency > 5 s in 5m0s
	// spend > 50 USD in 5m0s
	// slow_models > 20 s in 5m0s
	// expensive_workflows > 10 USD in 5m0s
}

func ExampleWebhook() {
	hook, err := metrics.NewWebhook("https://alerts.example.com/spanloom", metrics.WithWebhookHeader("Authorization", "Bearer …"))
	if err != nil {
		fmt.Println(err)
	}
	defer func() { // at the end of the program
		if err := hook.Close(context.Background()); err != nil {
			fmt.Println(err)
		}
	}()
	monitor := metrics.NewMonitor(metrics.WithSink(hook.Send), metrics.WithLogger(nil))
	defer func() { // before that
		if err := monitor.Flush(context.Background()); err != nil {
			fmt.Println(err)
		}
	}()
	fmt.Println(len(monitor.Rules()), "rules")
	// Output: 3 rules
}
