// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"cmp"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/spanloom/spanloom/internal/quirks"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// Facts is what a response told so far.
type Facts struct {
	// ID and Model are the server's own. One that is longer than 256 bytes or
	// no text is left out.
	ID, Model string
	// FinishReason has the wire's spelling of why each choice ended, in the
	// order of the choices, without those not known and those after the 16th.
	FinishReason []string
	// ErrorCode is the provider's name for what went wrong, such as
	// "insufficient_quota": at most 64 of A-Z, a-z, 0-9, ".", "_" and "-".
	ErrorCode string
	// Usage is zero where unknown. It follows the convention, not the wire: the
	// input includes cached tokens, the output includes reasoning.
	Usage metrics.Usage
	// Complete says that the body reached an end its protocol knows: a JSON
	// document its closing bracket, a stream its end marker or finish reason.
	// A document that reports an error is complete, a stream that breaks off
	// with one is not.
	Complete bool
}

const (
	maxText    = 256
	maxChoices = 16
	maxTokens  = quirks.MaxTokens
)

// known is comparable, to see whether a value brought news.
type known struct {
	id, model string
	errorCode string
	reasons   [maxChoices]string
	counts    [numFacts]int
	strong    uint32 // facts heard from an entry that is not weak
	embedding bool
	complete  bool
}

// gatherer collects facts. Those of a value count when it has ended: what turns
// out not to be JSON has told nothing.
type gatherer struct {
	told    known
	now     known // told, and the value being read
	version int
	stream  bool // values follow each other, and none but a marked one is the last

	// Of the value being read.
	parts       int // sum of factOutputPart
	last, going bool

	// Of the choice being read.
	inChoice bool
	given    bool   // it has a reason
	reason   string // the last one given
	index    int    // -1: not given
	place    int    // in the list
}

func (g *gatherer) begin() { g.parts, g.last, g.going = 0, false, false }

// end is called when an object at the root ends.
func (g *gatherer) end() {
	if g.stream && (g.last || g.now.reasons != [maxChoices]string{}) {
		g.now.complete = true
	}
	g.commit()
}

// closed is called when everything that was open has ended.
func (g *gatherer) closed() {
	if !g.stream && !g.going {
		g.complete()
	}
}

func (g *gatherer) complete() {
	g.now.complete = true
	g.commit()
}

func (g *gatherer) commit() {
	if g.now != g.told {
		g.told = g.now
		g.version++
	}
}

func (g *gatherer) discard() {
	if g.now != g.told {
		g.now = g.told
	}
	g.inChoice = false
}

func (g *gatherer) openChoice() { g.inChoice, g.given, g.index = true, false, -1 }

// closeChoice looks at the index only now, since it may come after the reason.
func (g *gatherer) closeChoice() {
	i := g.index
	if i < 0 {
		i = g.place
	}
	if g.given && i < maxChoices {
		g.now.reasons[i] = g.reason
	}
	g.inChoice = false
}

// hears reports whether the entry may speak about its fact.
func (g *gatherer) hears(n *node) bool {
	bit := uint32(1) << n.fact
	if n.weak {
		return g.now.strong&bit == 0
	}
	g.now.strong |= bit
	return true
}

func (g *gatherer) text(n *node, b []byte) {
	if len(b) == 0 || !utf8.Valid(b) {
		return
	}
	switch n.fact {
	case factID:
		if g.hears(n) {
			update(&g.now.id, b)
		}
	case factModel:
		if g.hears(n) {
			update(&g.now.model, b)
		}
	case factReason:
		switch string(b) {
		case "FINISH_REASON_UNSPECIFIED", "none": // Google, llama.cpp: it goes on
		default:
			update(g.reasonSlot(), b)
		}
	case factErrorCode:
		if isCode(b) && g.hears(n) {
			update(&g.now.errorCode, b)
		}
	case factEvent:
		if lastEvents[string(b)] {
			g.last = true
		}
	}
}

func (g *gatherer) number(n *node, b []byte) {
	switch n.fact {
	case factID:
		if g.hears(n) {
			update(&g.now.id, b) // AI21's Jurassic has numbers
		}
	case factReason:
		if reason := quirks.GeminiReason(whole(b)); reason != "" {
			*g.reasonSlot() = reason
		}
	case factIndex:
		g.index = whole(b)
	case factOutputPart:
		g.parts = min(g.parts+max(0, whole(b)), maxTokens)
		g.now.counts[factOutput] = g.parts
	default:
		if n.fact < factInput {
			return
		}
		if i := whole(b); i > 0 && g.hears(n) {
			g.now.counts[n.fact] = i
		}
	}
}

func (g *gatherer) truth(n *node, v bool) {
	switch {
	case n.fact == factEnded:
		g.last, g.going = g.last || v, !v
	case n.fact == factReason && v && n.says != "":
		*g.reasonSlot() = n.says
	}
}

func (g *gatherer) reasonSlot() *string {
	if g.inChoice {
		g.given = true
		return &g.reason
	}
	return &g.now.reasons[0]
}

// update allocates only for news: streams repeat id and model in every chunk.
func update(s *string, b []byte) {
	if *s != string(b) {
		*s = string(b)
	}
}

// isCode tells an identifier from a text.
func isCode(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 64 && privacy.RedactName(string(b)) == string(b) // a key has the letters of a code
}

// whole returns a number that can be a count, else -1. Some servers write
// counts as floats.
func whole(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			f, err := strconv.ParseFloat(string(b), 64)
			if err != nil || !(f >= 0) || f > maxTokens || f != math.Trunc(f) {
				return -1
			}
			return int(f)
		}
		if n = n*10 + int(c-'0'); n > maxTokens {
			return -1
		}
	}
	return n
}

func (k *known) facts() Facts {
	f := Facts{ID: k.id, Model: k.model, ErrorCode: k.errorCode, Usage: k.usage(), Complete: k.complete}
	for _, r := range k.reasons {
		if r != "" {
			f.FinishReason = append(f.FinishReason, r)
		}
	}
	return f
}

func (k *known) usage() metrics.Usage {
	n := &k.counts
	// Who counts the input as a whole may give Anthropic's numbers, too, which
	// are parts of it then (LiteLLM).
	in := n[factInput] + n[factToolInput]
	if in == 0 {
		in = n[factUncached] + n[factCacheRead] + n[factCacheWrite]
	}
	out, reasoning := n[factOutput]+n[factThoughts], n[factReasoning]+n[factThoughts]
	total := n[factTotal]
	if k.embedding && in == 0 && out == 0 {
		in = total // Voyage counts nothing else
	} else {
		out = quirks.OutputTokens(in, out, n[factReasoning], total)
	}
	return metrics.Usage{
		Input:         in,
		Output:        out,
		CacheRead:     cmp.Or(n[factCached], n[factCacheRead]),
		CacheCreation: n[factCacheWrite],
		Reasoning:     reasoning,
	}
}
