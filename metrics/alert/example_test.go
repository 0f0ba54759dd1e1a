// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics/alert"
)

func ExampleNewMonitor() {
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

// The rules that a monitor has without options.
func ExampleDefaultRules() {
	for _, r := range alert.DefaultRules() {
		fmt.Println(r.Name, ">", r.Threshold, r.Signal.Unit())
	}
	// Output:
	// error_rate > 0.1 1
	// mean_latency > 5 s
	// spend > 100 USD
}

// An alert is a POST of JSON. The server stands for a chat or a pager.
func ExampleNewWebhook() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var a struct{ Status, Rule, Text string }
		err := json.NewDecoder(r.Body).Decode(&a)
		fmt.Println(r.Header.Get("Authorization"), a.Status, a.Rule, err)
		fmt.Println(a.Text)
	}))
	defer server.Close()
	hook, err := alert.NewWebhook(server.URL, alert.WithWebhookHeader("Authorization", "Bearer …"))
	if err != nil {
		log.Panic(err)
	}
	monitor := alert.NewMonitor(alert.WithSink(hook.Send), alert.WithErrorRate(0.5, 3))
	handler, err := callbacks.NewHandler(callbacks.WithObserver(monitor), callbacks.WithPrices(nil))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	for range 4 {
		_, call := handler.Start(context.Background(), callbacks.KindChat, "gpt-4o")
		call.End(errors.New("overloaded"))
	}
	fmt.Println(monitor.Shutdown(context.Background())) // waits for the webhook
	// Output:
	// Bearer … firing error_rate <nil>
	// spanloom: error_rate firing: 1 (threshold 0.5)
	// <nil>
}
