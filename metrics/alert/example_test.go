// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics/alert"
)

func ExampleMonitor() {
	monitor := alert.NewMonitor(
		alert.WithErrorRate(0.2, 3),
		alert.WithSink(func(_ context.Context, a alert.Alert) error {
			fmt.Println(a)
			return nil
		}),
	)
	handler, err := callbacks.NewHandler(callbacks.WithObserver(monitor)) // before or after spanloom.Init
	if err != nil {
		fmt.Println(err)
	}
	for i := range 8 { // a wrapped model does this
		_, call := handler.Start(context.Background(), callbacks.KindChat, "gpt-4o")
		var err error
		if i == 2 {
			err = errors.New("overloaded")
		}
		call.End(err)
	}
	// At the end of the program, since alerts are sent on another goroutine.
	if err := monitor.Shutdown(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// error_rate firing: 0.25 (threshold 0.2)
	// error_rate resolved: 0.2 (threshold 0.2)
}

func ExampleRule() {
	monitor := alert.NewMonitor(
		alert.WithSpend(50),
		alert.WithRule(
			alert.Rule{Name: "slow_models", Signal: alert.SignalLatency, Scope: alert.ByModel, Percentile: 0.95, Threshold: 20, MinCount: 20},
			alert.Rule{Name: "expensive_workflows", Signal: alert.SignalSpend, Scope: alert.ByWorkflow, Threshold: 10},
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
	hook, err := alert.NewWebhook("https://alerts.example.com/spanloom", alert.WithWebhookHeader("Authorization", "Bearer …"))
	if err != nil {
		fmt.Println(err)
	}
	monitor := alert.NewMonitor(alert.WithSink(hook.Send), alert.WithLogger(nil))
	defer func() { // at the end of the program
		if err := monitor.Shutdown(context.Background()); err != nil {
			fmt.Println(err)
		}
	}()
	fmt.Println(len(monitor.Rules()), "rules")
	// Output: 3 rules
}
