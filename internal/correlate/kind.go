// SPDX-License-Identifier: Apache-2.0

// Package correlate finds the open operation that an event without a context
// belongs to. A [Table] keeps the operations that start events opened, one stack
// for each goroutine. A [Site] holds the return addresses of the function that an
// operation runs in, and compares them with a later call stack. Other packages
// [Register] the functions to look for: this one knows none by name.
// docs/correlation.md has the rules.
package correlate

// Kind is what an operation is, as far as its end event and its method depend on
// it. It is a bit, so that several kinds make a set.
type Kind uint8

// The kinds that have events.
const (
	Chain Kind = 1 << iota
	Tool
	Model
	Retriever
)

// method is the role of the methods that carry out operations of the kind.
func (k Kind) method() Role {
	switch k {
	case Model:
		return RunsModel
	case Retriever:
		return RunsRetriever
	default:
		return RunsChain
	}
}
