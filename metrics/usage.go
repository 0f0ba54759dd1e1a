// SPDX-License-Identifier: Apache-2.0

package metrics

// Usage is the token count of one model or embedding call, as the provider
// reported it. Zero means unknown: no provider bills a call for zero tokens,
// and several write zeros when they have no numbers.
type Usage struct {
	// Input is every input token, cached ones included.
	Input int
	// Output is every output token, reasoning ones included.
	Output int
	// CacheRead and CacheCreation are the parts of Input that were read from,
	// or written to, the provider's prompt cache.
	CacheRead, CacheCreation int
	// Reasoning is the part of Output the model spent on reasoning.
	Reasoning int
}

// Add returns the sum of both, field by field.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		Input:         u.Input + v.Input,
		Output:        u.Output + v.Output,
		CacheRead:     u.CacheRead + v.CacheRead,
		CacheCreation: u.CacheCreation + v.CacheCreation,
		Reasoning:     u.Reasoning + v.Reasoning,
	}
}

// IsZero reports whether nothing is known.
func (u Usage) IsZero() bool { return u == Usage{} }
