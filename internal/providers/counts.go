// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"cmp"

	"github.com/spanloom/spanloom/metrics"
)

// Field is what a value in a response holds.
type Field uint8

// The fields. Those from Input to Total are counts of tokens.
const (
	_            Field = iota
	ID                 // of the response
	Model              // that answered
	FinishReason       // of a choice, or of the only one
	ChoiceIndex        // of the choice that the object is about
	Done               // true in the last value of a stream, false in the others
	Event              // the type of an event, see Shape.LastEvents and ErrorEvents
	EventCode          // the ErrorCode of an event, if it is one of Shape.ErrorEvents
	Embedding          // of whatever form
	Delta              // text of the answer in a stream, or a part of a tool call
	ErrorCode          // the provider's name for an error, or an HTTP status
	ErrorText          // of an error, which may have no code
	Cost               // of the call in US dollars, as a gateway states it

	Input         // cached ones included
	UncachedInput // input besides CacheRead and CacheWrite
	ToolInput     // input besides Input
	Cached        // a part of the input
	Written       // a part of the input, which is in the cache now
	CacheRead     // input besides UncachedInput
	CacheWrite    // input besides UncachedInput
	CacheWrite1h  // the part of Written or CacheWrite that is kept for an hour
	Output        // reasoning included
	OutputPart    // output of one of several results
	Reasoning     // a part of the output
	Thoughts      // output besides Output
	Total

	NumFields

	// Fallback marks a path whose value counts only where no other path gives the
	// field.
	Fallback Field = 1 << 7
)

// MaxTokens is more than any model takes, and so small that sums and costs of
// such counts cannot overflow.
const MaxTokens = 1 << 29

// Counts are token counts as a response spells them, 0 where unknown.
type Counts [NumFields]int

// Usage returns the counts by the convention: the input includes cached tokens
// and the output includes reasoning.
func (c *Counts) Usage() metrics.Usage {
	// A proxy that counts all input may add Anthropic's counts, which are parts
	// of it then.
	in := c[Input] + c[ToolInput]
	if in == 0 {
		in = c[UncachedInput] + c[CacheRead] + c[CacheWrite]
	}
	// Some proxies leave them out. What is larger than the input is no part of it.
	if in < c[CacheRead] {
		in += c[CacheRead]
	}
	if in < c[CacheRead]+c[CacheWrite] {
		in += c[CacheWrite]
	}
	return metrics.Usage{
		Input:           in,
		Output:          OutputTokens(in, c[Output]+c[Thoughts], c[Reasoning], c[Total]),
		CacheRead:       cmp.Or(c[Cached], c[CacheRead]),
		CacheCreation:   cmp.Or(c[Written], c[CacheWrite]),
		CacheCreation1h: c[CacheWrite1h],
		Reasoning:       c[Reasoning] + c[Thoughts],
	}
}
