// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
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
