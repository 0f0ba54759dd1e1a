// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spanloom/spanloom/internal/contentenv"
	"github.com/spanloom/spanloom/metrics"
)

// WithPrices sets the prices for gen_ai.usage.cost, on spans and as a metric; nil
// switches cost off. A price list of one's own is read by metrics.LoadPrices. Models
// that it lacks have no cost, and OpenTelemetry's error handler is told of each once.
//
// Default: what SPANLOOM_PRICES says: off, or a file for metrics.LoadPrices whose
// prices come before the default ones; else metrics.DefaultPrices.
func WithPrices(p *metrics.Prices) Option {
	return withRecorderOption("WithPrices", metrics.WithPrices(p))
}

// WithObserver passes every finished operation to o, for example to an alert.Monitor.
// Several uses add up. It works with any meter provider, and with none.
func WithObserver(o metrics.Observer) Option {
	return withRecorderOption("WithObserver", metrics.WithObserver(o))
}

func withRecorderOption(name string, o metrics.Option) Option {
	return optionFunc(func(c *config) {
		c.recorderOptions = append(slices.Clip(c.recorderOptions), o)
		c.recorderOptionNames += " " + name
	})
}

// checkRecorder returns an error for options that the given Recorder does not have.
func (c *config) checkRecorder() error {
	if c.recorder == nil || c.recorderOptionNames == "" {
		return nil
	}
	return fmt.Errorf("callbacks:%s: no effect beside WithRecorder; give it to metrics.NewRecorder", c.recorderOptionNames)
}

// pricesFromEnv returns the option that SPANLOOM_PRICES asks for, or nil. With an error
// the default prices stay.
func pricesFromEnv(lookup func(string) (string, bool)) (metrics.Option, error) {
	const name = contentenv.Prices
	value, _ := lookup(name)
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return nil, nil //nolint:nilnil // options may be nil
	case strings.EqualFold(value, "off"):
		return metrics.WithPrices(nil), nil
	}
	file, err := os.Open(value)
	if err != nil {
		return nil, fmt.Errorf("callbacks: %s: use off or a file of prices: %w; the default prices are used", name, err)
	}
	p, err := metrics.LoadPrices(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("callbacks: %s=%s: %w; the default prices are used", name, value, err)
	}
	return metrics.WithPrices(p.Or(metrics.DefaultPrices())), nil
}
