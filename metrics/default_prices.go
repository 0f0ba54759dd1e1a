// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	_ "embed"
	"sync"
)

// defaultPrices is written by metrics/internal/genprices.
//
//go:embed prices.json
var defaultPrices []byte

var loadDefaultPrices = sync.OnceValue(func() *Prices {
	p, _ := LoadPrices(bytes.NewReader(defaultPrices)) // a test checks the file
	return p
})

// DefaultPrices returns list prices as of [DefaultPricesDate], of the chat and
// embedding models of the providers that langchaingo speaks to. They are for
// dashboards and alerts, not for invoices. Put the prices of your contract before them:
//
//	prices := mine.Or(metrics.DefaultPrices())
//
// The prices are those of standard service: no batch, flex or priority price, audio
// and images as text. Azure's are by the name of the model that answered, or by a
// deployment named like a model. Models on the program's own machine, as Ollama's,
// cost 0. The source is LiteLLM's price list, see prices.json in this folder.
func DefaultPrices() *Prices { return loadDefaultPrices() }
