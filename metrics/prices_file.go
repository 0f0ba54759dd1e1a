// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// priceFile is the format of LoadPrices.
type priceFile struct {
	Source string      `json:"source"`
	Date   string      `json:"date"`
	Prices []filePrice `json:"prices"`
}

// filePrice has pointers to the fields that a file must state, 0 for what is free.
type filePrice struct {
	Price

	Models []string `json:"models"`
	Input  *float64 `json:"input"`
	Output *float64 `json:"output"`
}

// LoadPrices reads a price list in JSON:
//
//	{"prices": [
//	  {"provider": "openai", "model": "gpt-4o-mini*", "input": 0.15, "output": 0.60, "cache_read": 0.075},
//	  {"provider": "ollama", "models": ["llama3", "phi4"], "input": 0, "output": 0}
//	]}
//
// The fields of an entry are those of [Price]; "models" stands for several entries of
// the same price. Input and output are required; 0 means free. Beside "prices" the
// object may have the texts "source" and "date".
//
// An unknown field or a value of another type is an error, and the list is empty. Of
// other mistakes the error joins one each, and the list has the valid entries. Those
// are the ones of [NewPrices], and an entry without input or output.
func LoadPrices(r io.Reader) (*Prices, error) {
	var file priceFile
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	err := dec.Decode(&file)
	switch {
	case errors.Is(err, io.EOF):
		err = errors.New("the file is empty")
	case err == nil && dec.More():
		err = errors.New("more than one JSON value")
	case err == nil && file.Prices == nil:
		err = errors.New(`there is no list "prices"`)
	}
	if err != nil {
		return newPrices(), fmt.Errorf("metrics: prices: %w", err)
	}
	var list []Price
	var errs []error
	for _, e := range file.Prices {
		if e.Input == nil || e.Output == nil {
			errs = append(errs, fmt.Errorf("metrics: the price of model %q of provider %q has no input or no output: write 0 for what is free", cmp.Or(e.Model, strings.Join(e.Models, ", ")), e.Provider))
			continue
		}
		e.Price.Input, e.Price.Output = *e.Input, *e.Output
		if e.Model != "" || len(e.Models) == 0 {
			list = append(list, e.Price)
		}
		for _, e.Model = range e.Models {
			list = append(list, e.Price)
		}
	}
	p, err := NewPrices(list...)
	return p, errors.Join(append(errs, err)...)
}
