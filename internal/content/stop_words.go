// SPDX-License-Identifier: Apache-2.0

package content

// StopWords are what a call asks the model to stop at.
type StopWords []string

// Render returns what becomes of each under the policy.
func (w StopWords) Render(g *Gate) []string {
	out := make([]string, 0, min(len(w), 64))
	for i, word := range w {
		if g.isFull() {
			return append(out, moreWereCut(len(w)-i))
		}
		out = append(out, g.text("", word))
	}
	return out
}
