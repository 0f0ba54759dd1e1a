// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
)

// Webhook is a sink that posts alerts as JSON:
//
//	hook, err := metrics.NewWebhook("https://hooks.example.com/…")
//	defer hook.Close(ctx)
//	monitor := metrics.NewMonitor(metrics.WithSink(hook.Send))
//	defer monitor.Flush(ctx) // what the hook is to send before it is closed
//
// The body is one object:
//
//	{"status": "firing", "rule": "spend_by_model", "signal": "spend", "model": "gpt-4o",
//	 "value": 104.2, "threshold": 100, "unit": "USD",
//	 "since": "2026-11-22T09:00:05Z", "time": "2026-11-22T09:00:05Z",
//	 "text": "spanloom: spend_by_model firing for gpt-4o: 104.2 (threshold 100)"}
//
// Status is "firing" or "resolved"; model and workflow are left out where the rule
// is not judged by them. Chat services that take an object with a text show that.
//
// Alerts are sent one at a time, in order, on a goroutine that lives while there
// are some. One that does not arrive is sent again, with growing waits or after
// what Retry-After says, on network errors, timeouts and the statuses 408, 429 and
// 5xx; so it may arrive twice. It is safe for concurrent use.
type Webhook struct {
	cfg    webhookConfig
	url    string
	host   string // what of the URL may be logged: the rest is often a secret
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	queue   []Alert
	running chan struct{} // closed when the queue has been worked off; nil before
	closed  bool
	lost    int
	full    bool // the log knows
}

// NewWebhook returns a Webhook that posts to an absolute http or https URL. The
// error says what is wrong with the URL or an option, without the URL.
func NewWebhook(address string, opts ...WebhookOption) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("metrics: a webhook needs an absolute http or https URL")
	}
	c, err := newWebhookConfig(opts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Webhook{cfg: c, url: address, host: u.Host, ctx: ctx, cancel: cancel}, nil
}

// Send queues an alert and returns at once. When the queue is full, the oldest
// alert gives way; after Close, and on a nil *Webhook, nothing is sent.
func (w *Webhook) Send(a Alert) {
	if w == nil {
		return
	}
	if overflowed := w.enqueue(a); overflowed {
		slog.Warn("spanloom: the queue of a webhook is full, and its oldest alerts are dropped", "host", w.host, "queue", w.cfg.queue)
	}
}

// enqueue reports whether the queue is full for the first time since it was empty.
func (w *Webhook) enqueue(a Alert) (overflowed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		w.lost++
		return false
	}
	if len(w.queue) >= w.cfg.queue {
		w.queue = w.queue[1:]
		w.lost++
		overflowed, w.full = !w.full, true
	}
	w.queue = append(w.queue, a)
	if w.running == nil {
		w.running = make(chan struct{})
		go w.work(w.running)
	}
	return overflowed
}

// Lost returns the number of alerts that did not arrive: dropped from a full
// queue, given up after retries, refused, or not sent because of Close.
func (w *Webhook) Lost() int {
	if w == nil {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

// Close sends what is queued and takes no more. When ctx ends first, it gives up
// and returns an error with the number of alerts lost and the cause; it may be
// called again.
func (w *Webhook) Close(ctx context.Context) error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	w.closed = true
	done, before := w.running, w.lost
	w.mu.Unlock()
	defer w.cancel()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	w.cancel()
	<-done // soon: the request and the waiting end with the context
	return fmt.Errorf("metrics: webhook: %d alerts were not sent: %w", w.Lost()-before, context.Cause(ctx))
}

func (w *Webhook) work(done chan struct{}) {
	defer close(done)
	for {
		w.mu.Lock()
		if len(w.queue) == 0 {
			w.queue, w.running, w.full = nil, nil, false
			w.mu.Unlock()
			return
		}
		a := w.queue[0]
		w.queue = w.queue[1:]
		w.mu.Unlock()
		if err := w.deliver(a); err != nil {
			w.mu.Lock()
			w.lost++
			w.mu.Unlock()
			if w.ctx.Err() != nil {
				continue // Close tells how many
			}
			slog.Warn("spanloom: an alert did not reach its webhook", "host", w.host, "alert", a.String(), "error", err)
		}
	}
}
