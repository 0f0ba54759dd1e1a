// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
)

// maxWaiting bounds the alerts of a Monitor that wait for a sink.
const maxWaiting = 1024

// outbox is the queue between the rules and the sinks. Each sink reads it at its own
// pace and in order, on a goroutine that runs while there are alerts for it. So a sink
// that blocks delays neither model calls nor other sinks.
type outbox struct {
	ctx    context.Context // of the sinks; canceled with mu held
	cancel context.CancelFunc

	mu      sync.Mutex
	readers []*reader
	waiting []Alert // starts with the oldest alert that a reader has not taken
	first   int     // the number of waiting[0], counted from the Monitor's start
	closed  bool
	lost    int
}

// reader is a sink and its position in the outbox. outbox.mu must be held for all
// fields but sink.
type reader struct {
	sink    Sink
	next    int           // the number of the alert that it takes next
	done    chan struct{} // closed when it has sent everything; nil if it does not run
	sending bool
	dropped int // alerts dropped since the sink last returned
}

func newOutbox(sinks []Sink) *outbox {
	o := &outbox{}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	for _, s := range sinks {
		o.readers = append(o.readers, &reader{sink: s})
	}
	return o
}

// put does not block: it is called with a rule's lock held. If the outbox is full it
// drops the oldest alert, since what holds now matters more than what held.
func (o *outbox) put(a Alert) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.lost += len(o.readers)
		return
	}
	if len(o.waiting) == maxWaiting {
		o.dropOldest()
	}
	o.waiting = append(o.waiting, a)
	for _, r := range o.readers {
		if r.done == nil {
			r.done = make(chan struct{})
			go o.run(r)
		}
	}
}

// o.mu must be held.
func (o *outbox) dropOldest() {
	o.waiting, o.first = o.waiting[1:], o.first+1
	for _, r := range o.readers {
		if r.next >= o.first {
			continue
		}
		r.next++
		o.lost++
		if r.dropped++; r.dropped == 1 {
			// The number is logged when the sink returns, which may be never. The logger
			// may block, too.
			go slog.Error("spanloom: a sink of alerts does not return: its oldest alerts are dropped", "waiting", maxWaiting)
		}
	}
}

// run sends the reader's alerts until none waits.
func (o *outbox) run(r *reader) {
	returned := false
	defer func() {
		if !returned { // the sink called runtime.Goexit
			o.sent(r, false)
			go o.run(r)
		}
	}()
	for {
		a, dropped, ok := o.take(r)
		if dropped > 0 {
			slog.Error("spanloom: alerts were dropped because a sink takes too long", "alerts", dropped)
		}
		if !ok {
			returned = true
			return
		}
		err := send(o.ctx, r.sink, a)
		o.sent(r, err == nil)
		if err != nil && o.ctx.Err() == nil { // Shutdown returns an error of its own
			slog.Error("spanloom: an alert did not reach its sink", "alert", a.String(), "error", err)
		}
	}
}

// take returns the reader's next alert. If there is none, the reader is done in the
// same step, so that put starts another goroutine for later alerts.
func (o *outbox) take(r *reader) (a Alert, dropped int, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dropped, r.dropped = r.dropped, 0
	if r.next == o.end() {
		close(r.done)
		r.done = nil
		return a, dropped, false
	}
	a = o.waiting[r.next-o.first]
	r.next++
	r.sending = true
	o.trim()
	return a, dropped, true
}

// end is the number of the alert that put adds next. o.mu must be held.
func (o *outbox) end() int { return o.first + len(o.waiting) }

// trim removes the alerts that all readers have taken. o.mu must be held.
func (o *outbox) trim() {
	oldest := o.end()
	for _, r := range o.readers {
		oldest = min(oldest, r.next)
	}
	o.waiting, o.first = o.waiting[oldest-o.first:], oldest
	if len(o.waiting) == 0 {
		o.waiting = nil
	}
}

func (o *outbox) sent(r *reader, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r.sending = false
	if !ok && o.ctx.Err() == nil { // shutdown has counted it otherwise
		o.lost++
	}
}

func (o *outbox) flush(ctx context.Context) error {
	for _, r := range o.readers {
		o.mu.Lock()
		done := r.done
		o.mu.Unlock()
		if done == nil {
			continue
		}
		select {
		case <-done:
		case <-ctx.Done():
			o.mu.Lock()
			defer o.mu.Unlock()
			return fmt.Errorf("alert: %d alerts were not sent in time: %w", o.unsent(), context.Cause(ctx))
		}
	}
	return nil
}

// unsent counts alerts per sink. o.mu must be held.
func (o *outbox) unsent() (n int) {
	for _, r := range o.readers {
		n += o.end() - r.next
		if r.sending {
			n++
		}
	}
	return n
}

func (o *outbox) shutdown(ctx context.Context) error {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	err := o.flush(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() != nil {
		return err // an earlier shutdown has counted what was lost
	}
	o.lost += o.unsent()
	o.waiting, o.first = nil, o.end()
	for _, r := range o.readers {
		r.next = o.first
	}
	o.cancel()
	return err
}

func (o *outbox) lostCount() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost
}

// send turns a sink's panic into an error.
func send(ctx context.Context, s Sink, a Alert) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the sink panicked: %v", p)
		}
	}()
	return s(ctx, a)
}
