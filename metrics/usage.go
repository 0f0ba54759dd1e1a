// SPDX-License-Identifier: Apache-2.0

package metrics

import "cmp"

// Usage is the number of tokens of one model or embedding call, as the provider
// reported it. Zero means unknown: no call costs zero tokens, and several providers
// report zeros when they have no numbers.
type Usage struct {
	// Input is every input token, cached ones included.
	Input int
	// Output is every output token, reasoning ones included.
	Output int
	// CacheRead and CacheCreation are the parts of Input that were read from, or
	// written to, the provider's prompt cache.
	CacheRead, CacheCreation int
	// CacheCreation1h is the part of CacheCreation that the provider keeps for an hour,
	// which costs more.
	CacheCreation1h int
	// Reasoning is the part of Output the model spent on reasoning.
	Reasoning int
	// Cost is what a gateway such as OpenRouter or LiteLLM says the call costs. It wins
	// over [Prices].
	Cost USD
}

// Add returns the sum of both, field by field.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		Input:           u.Input + v.Input,
		Output:          u.Output + v.Output,
		CacheRead:       u.CacheRead + v.CacheRead,
		CacheCreation:   u.CacheCreation + v.CacheCreation,
		CacheCreation1h: u.CacheCreation1h + v.CacheCreation1h,
		Reasoning:       u.Reasoning + v.Reasoning,
		Cost:            u.Cost.Add(v.Cost),
	}
}

// Sub returns the difference, field by field; counts may be negative.
func (u Usage) Sub(v Usage) Usage {
	return u.Add(Usage{-v.Input, -v.Output, -v.CacheRead, -v.CacheCreation, -v.CacheCreation1h, -v.Reasoning, -v.Cost})
}

// Or returns u with its unknown counts taken from v.
func (u Usage) Or(v Usage) Usage {
	return Usage{
		Input:           cmp.Or(u.Input, v.Input),
		Output:          cmp.Or(u.Output, v.Output),
		CacheRead:       cmp.Or(u.CacheRead, v.CacheRead),
		CacheCreation:   cmp.Or(u.CacheCreation, v.CacheCreation),
		CacheCreation1h: cmp.Or(u.CacheCreation1h, v.CacheCreation1h),
		Reasoning:       cmp.Or(u.Reasoning, v.Reasoning),
		Cost:            cmp.Or(u.Cost, v.Cost),
	}
}

// IsZero reports whether all of it is unknown.
func (u Usage) IsZero() bool { return u == Usage{} }
