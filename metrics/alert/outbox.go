// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// maxWaiting bounds the alerts that wait for a sink.
const maxWaiting = 1024

// outbox is the queue of one sink, between the rules and it. It sends in order, on a
// goroutine that runs while there are alerts. So a sink that blocks delays neither
// model calls nor other sinks.
type outbox struct {
	sink   Sink
	ctx    context.Context // of the sink; canceled with mu held
	cancel context.CancelFunc

	mu      sync.Mutex
	waiting []Alert
	sending bool
	// done is closed when nothing waits and the sink has returned. It is nil if no
	// goroutine runs.
	done   chan struct{}
	closed bool
	lost   int
	// dropping is true from the first dropped alert until none waits.
	dropping bool
}

func newOutbox(sink Sink) *outbox {
	o := &outbox{sink: sink}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

// put does not block: it is called with a rule's lock held. If the outbox is full it
// drops the oldest alert, since what holds now matters more than what held.
func (o *outbox) put(a Alert) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.lost++
		return
	}
	if len(o.waiting) == maxWaiting {
		o.waiting = o.waiting[1:]
		o.lost++
		if !o.dropping {
			// The logger may block.
			go slog.Error("spanloom: a sink of alerts takes too long: its oldest alerts are dropped", "waiting", maxWaiting)
		}
		o.dropping = true
	}
	o.waiting = append(o.waiting, a)
	if o.done == nil {
		o.done = make(chan struct{})
		go o.run()
	}
}

// run sends alerts until none waits.
func (o *outbox) run() {
	var err error
	for {
		a, ok := o.next(err)
		if !ok {
			return
		}
		err = o.send(a)
		if err != nil && o.ctx.Err() == nil { // shutdown returns an error of its own
			slog.Error("spanloom: an alert did not reach its sink", "alert", a.String(), "error", err)
		}
	}
}

// next takes the error of the alert before and returns the next alert. If there is
// none, the goroutine is done in the same step, so that put starts another one.
func (o *outbox) next(err error) (a Alert, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil && o.ctx.Err() == nil { // shutdown has counted it otherwise
		o.lost++
	}
	if o.sending = len(o.waiting) > 0; !o.sending {
		done := o.done
		o.done, o.waiting, o.dropping = nil, nil, false
		close(done)
		return a, false
	}
	a, o.waiting = o.waiting[0], o.waiting[1:]
	return a, true
}

// send calls the sink on a goroutine of its own, which the sink may end.
func (o *outbox) send(a Alert) error {
	err := errors.New("the sink ended its goroutine")
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("the sink panicked: %v", p)
			}
		}()
		err = o.sink(o.ctx, a)
	}()
	<-returned
	return err
}

func (o *outbox) flush(ctx context.Context) error {
	o.mu.Lock()
	done := o.done
	o.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		o.mu.Lock()
		defer o.mu.Unlock()
		return fmt.Errorf("alert: %d alerts were not sent in time: %w", o.unsent(), context.Cause(ctx))
	}
}

// o.mu must be held.
func (o *outbox) unsent() int {
	n := len(o.waiting)
	if o.sending {
		n++
	}
	return n
}

// shutdown can be called again, and returns the same error while the sink does not return.
func (o *outbox) shutdown(ctx context.Context) error {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	err := o.flush(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() == nil {
		o.lost += o.unsent()
		o.waiting = nil
		o.cancel()
	}
	return err
}

func (o *outbox) lostCount() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost
}
