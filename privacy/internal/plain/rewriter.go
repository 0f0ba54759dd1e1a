// SPDX-License-Identifier: Apache-2.0

// Package plain reads a text as people do, whatever it is encoded in, and
// rewrites parts of it.
package plain

// Rewriter is given stretches of a decoded text to replace, from left to right,
// and replaces what they stand for.
type Rewriter struct {
	decoded
	b      []byte
	copied int // of the source
	// Done is the end of what was replaced in Text.
	Done int
	// Changed: something was replaced since New.
	Changed bool
}

// New returns a Rewriter of a text.
func New(source string) Rewriter { return Rewriter{decoded: decode(source)} }

// Source returns the text as it is after the last Apply.
func (w *Rewriter) Source() string { return w.source }

// Replace puts something in the place of what Text[from:to] stands for, behind
// all that was replaced before.
func (w *Rewriter) Replace(from, to int, by string) {
	start, end := w.origin(from, to)
	w.b = append(append(w.b, w.source[w.copied:start]...), by...)
	w.copied, w.Done = end, to
}

// Apply makes a text of what was replaced, and goes back to its beginning.
func (w *Rewriter) Apply() {
	w.next = 0
	if w.Done == 0 {
		return
	}
	w.decoded = decode(string(append(w.b, w.source[w.copied:]...)))
	w.b = w.b[:0]
	w.copied, w.Done, w.Changed = 0, 0, true
}
