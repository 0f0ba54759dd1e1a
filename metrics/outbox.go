// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"log/slog"
	"sync"
)

// maxWaiting bounds the alerts that wait for a sink that does not return.
const maxWaiting = 1024

// outbox brings alerts to the sinks one at a time and in the order in which they
// came about: a pager that hears of the end before the beginning stays red.
type outbox struct {
	sinks []func(Alert)

	mu      sync.Mutex
	waiting []Alert
	busy    bool
	dropped int
}

func (o *outbox) put(a Alert) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == maxWaiting {
		o.waiting = o.waiting[:copy(o.waiting, o.waiting[1:])]
		o.dropped++
	}
	o.waiting = append(o.waiting, a)
}

// deliver returns at once if another goroutine is at it, or the caller is a sink:
// who is at it goes on until nothing waits.
func (o *outbox) deliver() {
	if !o.begin() {
		return
	}
	returned := false
	defer func() {
		if !returned { // a sink has ended the goroutine: the next alert finds another
			o.end()
		}
	}()
	for {
		a, dropped, ok := o.next()
		if dropped > 0 {
			slog.Error("spanloom: alerts were dropped because a sink takes too long", "alerts", dropped)
		}
		if !ok {
			returned = true
			return
		}
		for _, sink := range o.sinks {
			call(sink, a)
		}
	}
}

func (o *outbox) begin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy {
		return false
	}
	o.busy = true
	return true
}

func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy = false
}

// next ends in the same step in which it finds nothing: what is put later is
// somebody else's to deliver.
func (o *outbox) next() (a Alert, dropped int, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dropped, o.dropped = o.dropped, 0
	if len(o.waiting) == 0 {
		o.waiting, o.busy = nil, false
		return a, dropped, false
	}
	a, o.waiting = o.waiting[0], o.waiting[1:]
	return a, dropped, true
}

// call keeps a sink's panic out of the model call that set off the alert.
func call(sink func(Alert), a Alert) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("spanloom: an alert sink panicked", "panic", p, "alert", a.String())
		}
	}()
	sink(a)
}
