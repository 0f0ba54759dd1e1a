// SPDX-License-Identifier: Apache-2.0

// Package pricing has the flags by which an example learns what models cost.
package pricing

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/metrics"
)

// Flags are -price and -prices.
type Flags struct {
	price, file string
}

// Register adds the flags.
func (f *Flags) Register(fs *flag.FlagSet) {
	fs.StringVar(&f.price, "price", "", "price of -model as INPUT,OUTPUT in US dollars per million tokens")
	fs.StringVar(&f.file, "prices", "", "JSON file with prices, to correct the list of "+metrics.DefaultPricesDate)
}

// Prices returns the prices for a provider's models: those of the flags, and
// else the list that comes with the library. The offline provider is on no list:
// without a flag it returns nil. The error says what to do.
func (f *Flags) Prices(provider, model string) (*metrics.Prices, error) {
	var prices *metrics.Prices
	if provider != offline.Provider {
		prices = metrics.DefaultPrices()
	}
	if f.file != "" {
		loaded, err := load(f.file)
		if err != nil {
			return nil, err
		}
		prices = loaded.Or(prices)
	}
	if f.price != "" {
		p, err := parse(f.price)
		if err != nil {
			return nil, err
		}
		if p.Model = model; provider == offline.Provider {
			p.Model = cmp.Or(model, offline.ModelName+"*")
		}
		if p.Model == "" {
			return nil, errors.New("-price needs -model, to know whose price it is")
		}
		one, err := metrics.NewPrices(p)
		if err != nil {
			return nil, err
		}
		prices = one.Or(prices)
	}
	return prices, nil
}

func load(path string) (*metrics.Prices, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("-prices: %w", err)
	}
	defer func() { _ = file.Close() }()
	p, err := metrics.LoadPrices(file)
	if err != nil {
		return nil, fmt.Errorf("-prices %s: %w", path, err)
	}
	return p, nil
}

func parse(s string) (metrics.Price, error) {
	in, out, _ := strings.Cut(s, ",")
	input, err1 := strconv.ParseFloat(in, 64)
	output, err2 := strconv.ParseFloat(out, 64)
	if err1 != nil || err2 != nil || !(input >= 0) || !(output >= 0) {
		return metrics.Price{}, fmt.Errorf("-price %q: use two numbers such as 0.15,0.60, US dollars per million input and output tokens", s)
	}
	return metrics.Price{Input: input, Output: output}, nil
}
