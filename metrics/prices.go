// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Prices is an immutable price list, safe for concurrent use. A nil *Prices
// knows no model.
//
// Of the prices that match a call, the most specific one applies. A price with a
// provider comes before one without; then a model's name before a pattern; then the
// pattern with more characters that are not wildcards, and of equals the one that
// sorts first. Of one model's prices, the smallest MaxInput that is enough applies.
type Prices struct {
	byProvider map[string]*models
	next       *Prices
}

// models are the prices of one provider. A model has one rate per MaxInput, in
// increasing order.
type models struct {
	exact    map[string][]rate
	patterns []pattern // the most specific first
}

type pattern struct {
	text  string
	expr  *regexp.Regexp
	rates []rate
}

// newPattern has * for any text and ? for any one character. The time to match is
// linear, since a program's users may choose the name.
func newPattern(text string, rates []rate) pattern {
	expr := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(strings.ToValidUTF8(text, "\uFFFD")))
	return pattern{text, regexp.MustCompile(`(?s)\A` + expr + `\z`), rates}
}

// literals returns the number of characters that are no wildcards.
func (p pattern) literals() int { return len(p.text) - wildcards(p.text) }

func wildcards(model string) int { return strings.Count(model, "*") + strings.Count(model, "?") }

// NewPrices returns a price list. The error joins one for each entry that has no
// model, repeats a model and MaxInput, or has a price that is negative, not a number,
// above 1e9, or below 0.000001 and not 0. The list then has the valid entries.
func NewPrices(list ...Price) (*Prices, error) {
	p := newPrices()
	var errs []error
	for _, e := range list {
		r, err := e.rate()
		if err == nil && !p.add(e.Provider, e.Model, r) {
			err = errors.New("is listed twice: remove one of the two")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("metrics: the price of model %q of provider %q %w", e.Model, e.Provider, err))
		}
	}
	p.sort()
	return p, errors.Join(errs...)
}

// Or returns a list that uses p, and base for the calls that p has no price for. Use
// it to correct [DefaultPrices]: a pattern of p comes before every price of base.
func (p *Prices) Or(base *Prices) *Prices {
	if p == nil || base == nil {
		return cmp.Or(p, base)
	}
	return &Prices{byProvider: p.byProvider, next: p.next.Or(base)}
}

// Cost returns what the usage costs in US dollars. ok is false when the model has no
// price or the usage is zero, which means unknown. See [Prices.Amount] for sums.
func (p *Prices) Cost(provider, model string, u Usage) (usd float64, ok bool) {
	c, ok := p.Amount(provider, model, u)
	return c.Float64(), ok
}

// Amount is Cost as an exact amount.
func (p *Prices) Amount(provider, model string, u Usage) (USD, bool) {
	if u.IsZero() {
		return 0, false
	}
	for ; p != nil; p = p.next {
		if r := p.rate(provider, model, u.Input); r != nil {
			return r.cost(u), true
		}
	}
	return 0, false
}

func (p *Prices) rate(provider, model string, input int) *rate {
	rates := p.byProvider[provider].find(model)
	if rates == nil {
		rates = p.byProvider[""].find(model)
	}
	for i := range rates {
		if rates[i].applies(input) {
			return &rates[i]
		}
	}
	return nil
}

// find tries the patterns one by one: a cache would fill with the names that a
// program's users make up.
func (m *models) find(model string) []rate {
	if m == nil {
		return nil
	}
	if rates, ok := m.exact[model]; ok {
		return rates
	}
	for i := range m.patterns {
		if m.patterns[i].expr.MatchString(model) {
			return m.patterns[i].rates
		}
	}
	return nil
}

func newPrices() *Prices { return &Prices{byProvider: map[string]*models{}} }

// add reports whether the price is new.
func (p *Prices) add(provider, model string, r rate) bool {
	m := p.byProvider[provider]
	if m == nil {
		m = &models{exact: map[string][]rate{}}
		p.byProvider[provider] = m
	}
	// Patterns are among the names until sort moves them.
	rates := m.exact[model]
	if slices.ContainsFunc(rates, func(other rate) bool { return other.maxInput == r.maxInput }) {
		return false
	}
	m.exact[model] = append(rates, r)
	return true
}

func (p *Prices) sort() {
	for _, m := range p.byProvider {
		for model, rates := range m.exact {
			slices.SortFunc(rates, func(a, b rate) int {
				// 0, no limit, sorts last: minus 1 it is the largest uint.
				return cmp.Compare(uint(a.maxInput-1), uint(b.maxInput-1))
			})
			if wildcards(model) > 0 {
				m.patterns = append(m.patterns, newPattern(model, rates))
				delete(m.exact, model)
			}
		}
		slices.SortFunc(m.patterns, func(a, b pattern) int {
			return cmp.Or(cmp.Compare(b.literals(), a.literals()), cmp.Compare(a.text, b.text))
		})
	}
}
