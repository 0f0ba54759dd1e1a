// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	_ "embed"
	"sync"
)

// DefaultPricesDate is the day on which the prices of [DefaultPrices] were valid.
const DefaultPricesDate = "2026-08-01"

//go:embed prices.yaml
var defaultPrices []byte

var loadDefaultPrices = sync.OnceValue(func() *Prices {
	p, _ := LoadPrices(bytes.NewReader(defaultPrices)) // a test checks the file
	return p
})

// DefaultPrices returns list prices of well-known models as of [DefaultPricesDate]:
// of OpenAI, Anthropic, Gemini, Mistral, Cohere, DeepSeek and Groq, and of Azure
// OpenAI and Bedrock where a model has one price. They are for dashboards and
// alerts, not for invoices. Put the prices of your contract before them:
//
//	prices := mine.Or(metrics.DefaultPrices())
//
// Providers change prices without notice, and newer models are missing: watch
// spanloom.cost.unpriced. The list is prices.yaml in this folder.
func DefaultPrices() *Prices { return loadDefaultPrices() }
