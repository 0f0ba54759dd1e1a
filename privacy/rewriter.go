// SPDX-License-Identifier: Apache-2.0

// old
// rewrites parts of it.
package privacy

// rewriter is given stretches of a decoded text to replace, from left to right,
// and replaces what they stand for.
type rewriter struct {
	decoded
	b      []byte
	copied int // of the source
	// Done is the end of what was replaced in Text.
	done int
	// Changed: something was replaced since newRewriter.
	changed bool
}

// newRewriter returns a rewriter of a text.
func newRewriter(source string) rewriter { return rewriter{decoded: decode(source)} }

// Replace puts something in the place of what Text[from:to] stands for, behind
// all that was replaced before.
func (w *rewriter) replace(from, to int, by string) {
	start, end := w.origin(from, to)
	w.b = append(append(w.b, w.source[w.copied:start]...), by...)
	w.copied, w.done = end, to
}

// Apply makes a text of what was replaced, and goes back to its beginning.
func (w *rewriter) apply() {
	w.next = 0
	if w.done == 0 {
		return
	}
	w.decoded = decode(string(append(w.b, w.source[w.copied:]...)))
	w.b = w.b[:0]
	w.copied, w.done, w.changed = 0, 0, true
}
