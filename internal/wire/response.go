// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/metrics"
)

// Response is what is known of a response so far.
type Response struct {
	// ID and Model are the server's own. One that is longer than 256 bytes or not
	// valid UTF-8 is left out.
	ID, Model string
	// FinishReason has the reason of each choice as the server spells it, in the
	// order of the choices. Unknown ones and those after the 16th are left out.
	FinishReason []string
	// ErrorCode is the provider's name for an error, such as
	// "insufficient_quota": at most 64 of A-Z, a-z, 0-9, ".", "_" and "-".
	ErrorCode string
	// Failure is set if the body reports an error, whatever the HTTP status: the
	// status that it names itself, else the ErrorCode, else "_OTHER".
	Failure string
	// Usage is zero where unknown. It follows the convention, not the server: the
	// input includes cached tokens, the output includes reasoning.
	Usage metrics.Usage
	// Complete is true once the body has reached an end that its protocol knows.
	// That is a document's closing bracket, or a stream's end marker or finish
	// reason. A document that reports an error is complete. A stream that breaks
	// off with an error is not.
	Complete bool
}

const (
	maxText    = 256
	maxChoices = 16
	maxTokens  = providers.MaxTokens
	// maxCost, in US dollars, is more than any call costs.
	maxCost = 1e5
)

// failedReason is the finish reason of a choice that an error ended, in any case.
var failedReason = []byte("error")

// values are those found in a body. They are comparable, to see whether a JSON
// value changed any.
type values struct {
	id, model string
	errorCode string
	status    int  // of the error
	failed    bool // there is an error
	reasons   [maxChoices]string
	counts    providers.Counts
	cost      metrics.USD
	strong    uint32 // a bit for each field that a path without Fallback gave
	embedding bool
	complete  bool
	streaming bool // a value of a stream has ended
}

// collector gathers values. Those of a JSON value are committed when it has
// ended: of malformed JSON nothing is taken.
type collector struct {
	committed values
	pending   values // committed, and the JSON value being read
	version   int    // of committed
	stream    bool   // one JSON value follows another
	chunks    int    // JSON values of a stream with a Delta
	ended     bool   // a stream's end mark has come

	// Of the JSON value being read.
	outputParts int // sum of OutputPart
	last        bool
	hasDelta    bool
	goesOn      bool
	isError     bool // it is an error event
	eventCode   string
	eventStatus int

	// Of the choice being read.
	inChoice bool
	finished bool   // it has a reason
	reason   string // the last one given
	index    int    // -1: not given
	position int    // in the list
}

func (c *collector) beginRoot() {
	c.outputParts, c.last, c.hasDelta, c.goesOn = 0, false, false, false
	c.isError, c.eventCode, c.eventStatus = false, "", 0
}

// endRoot is called when an object at the root ends.
func (c *collector) endRoot() {
	c.takeEvent()
	c.pending.streaming = c.stream
	if c.hasDelta {
		c.chunks++
	}
	c.ended = c.ended || c.stream && c.last
	if c.stream && (c.last || c.pending.reasons != [maxChoices]string{}) {
		c.pending.complete = true
	}
	c.commit()
}

// takeEvent takes the code of an error event, which may stand before its type.
func (c *collector) takeEvent() {
	if !c.isError {
		return
	}
	c.pending.failed = true
	c.pending.errorCode = cmp.Or(c.pending.errorCode, c.eventCode)
	c.pending.status = cmp.Or(c.pending.status, c.eventStatus)
}

// endDocument is called when no container is open any more.
func (c *collector) endDocument() {
	if !c.stream && !c.goesOn {
		c.complete()
	}
}

func (c *collector) complete() {
	c.pending.complete = true
	c.commit()
}

func (c *collector) commit() {
	if c.pending != c.committed {
		c.committed = c.pending
		c.version++
	}
}

func (c *collector) discard() {
	c.pending = c.committed
	c.inChoice, c.isError = false, false
}

func (c *collector) openChoice() { c.inChoice, c.finished, c.index = true, false, -1 }

// closeChoice reads the index only now, since it may stand after the reason.
func (c *collector) closeChoice() {
	i := c.index
	if i < 0 {
		i = c.position
	}
	if c.finished && i < maxChoices {
		c.pending.reasons[i] = c.reason
	}
	c.inChoice = false
}

// accepts reports whether a value at the node counts for its field.
func (c *collector) accepts(n *node) bool {
	bit := uint32(1) << n.field
	if n.fallback {
		return c.pending.strong&bit == 0
	}
	c.pending.strong |= bit
	return true
}

func (c *collector) text(n *node, b []byte) {
	if len(b) == 0 {
		return
	}
	switch n.field {
	case providers.ID:
		if c.accepts(n) {
			update(&c.pending.id, b)
		}
	case providers.Model:
		if c.accepts(n) {
			update(&c.pending.model, b)
		}
	case providers.FinishReason:
		c.pending.failed = c.pending.failed || bytes.EqualFold(b, failedReason)
		if reason, ok := providers.Known.FinishReasons[string(b)]; !ok || reason != "" {
			update(c.reasonSlot(), b)
		}
	case providers.ErrorCode:
		if providers.IsCode(string(b)) && c.accepts(n) {
			update(&c.pending.errorCode, b)
			c.pending.failed = true
		}
	case providers.ErrorText:
		c.pending.failed = true
	case providers.Event:
		c.last = c.last || slices.Contains(providers.Known.LastEvents, string(b))
		c.isError = c.isError || slices.Contains(providers.Known.ErrorEvents, string(b))
	case providers.EventCode:
		if providers.IsCode(string(b)) {
			update(&c.eventCode, b)
		}
	}
}

func (c *collector) number(n *node, b []byte) {
	switch n.field {
	case providers.ID:
		c.text(n, b)
	case providers.FinishReason:
		if reason := providers.GeminiReason(parseCount(b)); reason != "" {
			*c.reasonSlot() = reason
		}
	case providers.ErrorCode:
		if status := parseStatus(b); status != 0 {
			c.pending.status, c.pending.failed = status, true
		}
	case providers.EventCode:
		c.eventStatus = parseStatus(b)
	case providers.ChoiceIndex:
		c.index = parseCount(b)
	case providers.OutputPart:
		c.outputParts = min(c.outputParts+max(0, parseCount(b)), maxTokens)
		c.pending.counts[providers.Output] = c.outputParts
	case providers.Cost:
		if usd := parseCost(b); usd > 0 && c.accepts(n) {
			c.pending.cost = usd
		}
	default:
		if n.field < providers.Input {
			return
		}
		if i := parseCount(b); i > 0 && c.accepts(n) {
			c.pending.counts[n.field] = i
		}
	}
}

func (c *collector) boolean(n *node, v bool) {
	switch {
	case n.field == providers.Done:
		c.last, c.goesOn = c.last || v, !v
	case v && n.trueReason != "":
		*c.reasonSlot() = n.trueReason
	}
}

func (c *collector) reasonSlot() *string {
	if c.inChoice {
		c.finished = true
		return &c.reason
	}
	return &c.pending.reasons[0]
}

// update allocates only for a new text: streams repeat id and model in every
// chunk.
func update(s *string, b []byte) {
	if *s != string(b) {
		*s = string(b)
	}
}

// parseCount returns a number that can be a count, else -1. Some servers write
// counts as floats.
func parseCount(b []byte) int {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(f >= 0) || f > maxTokens || f != math.Trunc(f) {
		return -1
	}
	return int(f)
}

// parseStatus returns the HTTP status of a failure, else 0.
func parseStatus(b []byte) int {
	if status := parseCount(b); status >= 400 && status < 600 {
		return status
	}
	return 0
}

// parseCost returns an amount that a call may cost, else 0.
func parseCost(b []byte) metrics.USD {
	usd, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(usd > 0) || usd > maxCost {
		return 0
	}
	return metrics.USD(math.Round(usd * float64(metrics.Dollar)))
}

func (v *values) response() Response {
	counts := v.counts
	// The total is all that servers of embeddings may count.
	if v.embedding && counts.Usage().Input == 0 && counts.Usage().Output == 0 {
		counts[providers.Input] = counts[providers.Total]
	}
	r := Response{ID: v.id, Model: v.model, ErrorCode: v.errorCode, Usage: counts.Usage(), Complete: v.complete}
	r.Usage.Cost = v.cost
	if v.failed {
		r.Failure = cmp.Or(v.errorCode, "_OTHER")
		if v.status != 0 {
			r.Failure = strconv.Itoa(v.status)
		}
	}
	for _, reason := range v.reasons {
		if reason != "" {
			r.FinishReason = append(r.FinishReason, reason)
		}
	}
	return r
}
