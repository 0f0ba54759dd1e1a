// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	_ "embed"
	"sync"
)

// DefaultPricesDate is the day of which the prices of [DefaultPrices] are.
const DefaultPricesDate = "2026-08-01"

//go:embed prices.yaml
var defaultPrices []byte

var loadDefaultPrices = sync.OnceValue(func() *Prices {
	p, _ := LoadPrices(bytes.NewReader(defaultPrices)) // a test reads it
	return p
})

// DefaultPrices returns list prices of well-known models of OpenAI, Anthropic,
// Gemini, Mistral, Cohere, DeepSeek and Groq, and of Azure OpenAI and Bedrock
// where these have one price for a name, as of [DefaultPricesDate]. They are for
// dashboards and alerts, not for invoices: check them against your contract, and
// put what is different before them:
//
//	prices := mine.Or(metrics.DefaultPrices())
//
// Providers change prices without notice, and a model that came later has none
// here: watch spanloom.cost.unpriced. The list is prices.yaml in this folder.
func DefaultPrices() *Prices { return loadDefaultPrices() }
