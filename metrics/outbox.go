// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"log/slog"
	"sync"
)

// maxWaiting bounds the alerts that wait for a sink that does not return.
const maxWaiting = 1024

// sinks have an outbox each.
type sinks []*outbox

func (s sinks) put(a Alert) {
	for _, o := range s {
		o.put(a)
	}
}

func (s sinks) wait(ctx context.Context) error {
	for _, o := range s {
		if err := o.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// outbox brings alerts to one sink, one at a time and in the order in which they
// came about: a pager that hears of the end before the beginning stays red. It
// does so on a goroutine that lives while there are some, so that a sink that
// hangs holds up neither the model call that set off the alert nor other sinks.
type outbox struct {
	sink func(Alert)

	mu      sync.Mutex
	waiting []Alert
	working chan struct{} // closed when nothing waits any more; nil while nothing does
	dropped int           // since the sink last returned
}

// put is called with a rule's lock held, and waits for nothing. Of too many the
// oldest give way: what holds now is worth more than what held.
func (o *outbox) put(a Alert) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == maxWaiting {
		o.waiting = o.waiting[:copy(o.waiting, o.waiting[1:])]
		if o.dropped++; o.dropped == 1 {
			// How many will be known when the sink returns, which may be never. Logging
			// is somebody's code as well.
			go slog.Error("spanloom: a sink of alerts does not return: its oldest alerts are dropped", "waiting", maxWaiting)
		}
	}
	o.waiting = append(o.waiting, a)
	if o.working == nil {
		o.working = make(chan struct{})
		go o.work(o.working)
	}
}

func (o *outbox) work(done chan struct{}) {
	returned := false
	defer func() {
		if !returned { // the sink has ended the goroutine: what waits needs another
			go o.work(done)
		}
	}()
	for {
		a, dropped, ok := o.next()
		if dropped > 0 {
			slog.Error("spanloom: alerts were dropped because a sink takes too long", "alerts", dropped)
		}
		if !ok {
			returned = true
			close(done)
			return
		}
		call(o.sink, a)
	}
}

// next ends in the same step in which it finds nothing: what is put later is
// another goroutine's to bring.
func (o *outbox) next() (a Alert, dropped int, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dropped, o.dropped = o.dropped, 0
	if len(o.waiting) == 0 {
		o.waiting, o.working = nil, nil
		return a, dropped, false
	}
	a, o.waiting = o.waiting[0], o.waiting[1:]
	return a, dropped, true
}

// wait returns when nothing waits, or with the cause of ctx's end.
func (o *outbox) wait(ctx context.Context) error {
	o.mu.Lock()
	working := o.working
	o.mu.Unlock()
	if working == nil {
		return nil
	}
	select {
	case <-working:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// call keeps a sink's panic from ending the program.
func call(sink func(Alert), a Alert) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("spanloom: an alert sink panicked", "panic", p, "alert", a.String())
		}
	}()
	sink(a)
}
