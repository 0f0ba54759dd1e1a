// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spanloom/spanloom/internal/wire"
)

// Webhook posts alerts as JSON. Its Send is a [Sink]:
//
//	hook, err := alert.NewWebhook("https://hooks.example.com/…")
//	monitor := alert.NewMonitor(alert.WithSink(hook.Send))
//	defer monitor.Shutdown(ctx)
//
// The body is one object:
//
//	{"status": "firing", "rule": "spend_by_model", "signal": "spend", "model": "gpt-4o",
//	 "value": 104.2, "threshold": 100, "unit": "USD",
//	 "since": "2026-11-22T09:00:05Z", "time": "2026-11-22T09:00:05Z",
//	 "text": "spanloom: spend_by_model firing for gpt-4o: 104.2 (threshold 100)"}
//
// Status is "firing" or "resolved". Model and workflow are left out unless the rule's
// [Scope] has them. Chat services that take an object with a text show the text.
//
// A Webhook is safe for concurrent use, and a nil *Webhook sends nothing.
type Webhook struct {
	cfg  webhookConfig
	url  string
	host string // the part of the URL that may be logged; the rest is often a secret
}

// NewWebhook returns a Webhook that posts to an absolute http or https URL. The error
// says what is wrong with the URL or an option, without the URL.
func NewWebhook(address string, opts ...WebhookOption) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("alert: a webhook needs an absolute http or https URL")
	}
	c, err := newWebhookConfig(opts)
	if err != nil {
		return nil, err
	}
	return &Webhook{cfg: c, url: address, host: u.Host}, nil
}

// Send posts the alert and returns when the receiver has accepted it. It retries on
// network errors and the statuses 408, 429 and 5xx, with growing waits or after what
// Retry-After says; so an alert may arrive twice. The error has no URL, only its host.
func (w *Webhook) Send(ctx context.Context, a Alert) error {
	if w == nil {
		return nil
	}
	body, err := json.Marshal(newPayload(a))
	if err == nil {
		err = w.deliver(ctx, body)
	}
	if err != nil {
		return fmt.Errorf("alert: webhook at %s: %w", w.host, err)
	}
	return nil
}

// deliver returns the error of the last attempt, which says more than the error of
// the context or of the time limit.
func (w *Webhook) deliver(ctx context.Context, body []byte) error {
	var last error
	wire.Backoff{Elapsed: w.cfg.retryTime, First: time.Second, Longest: 30 * time.Second}.Retry(ctx, func(time.Duration) (time.Duration, bool) {
		var wait time.Duration
		var retry bool
		wait, retry, last = w.post(ctx, body)
		if wait <= 0 {
			wait = wire.GrowingWait
		}
		return wait, last != nil && retry && ctx.Err() == nil
	})
	return last
}

// post makes one attempt. retry reports whether another one may succeed, and wait is
// what the receiver asks to wait before it, or 0.
func (w *Webhook) post(ctx context.Context, body []byte) (wait time.Duration, retry bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return 0, false, errors.New("no request can be made")
	}
	maps.Copy(req.Header, w.cfg.header)
	req.Header.Set("Content-Type", "application/json")
	res, err := w.cfg.client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // the text of e has the URL
		}
		return 0, true, err
	}
	// A connection is reused only if the body was read to the end.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	_ = res.Body.Close()
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return 0, false, nil
	}
	retry = res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout
	wait, _ = wire.RetryAfter(res.Header, time.Now())
	return wait, retry, errors.New("HTTP status " + strconv.Itoa(res.StatusCode))
}

// payload is the body of a request. See [Webhook].
type payload struct {
	Status    string    `json:"status"`
	Rule      string    `json:"rule"`
	Signal    Signal    `json:"signal"`
	Model     string    `json:"model,omitempty"`
	Workflow  string    `json:"workflow,omitempty"`
	Value     float64   `json:"value"`
	Threshold float64   `json:"threshold"`
	Unit      string    `json:"unit"`
	Since     time.Time `json:"since"`
	Time      time.Time `json:"time"`
	Text      string    `json:"text"`
}

func newPayload(a Alert) payload {
	return payload{
		Status: a.status(), Rule: a.Rule, Signal: a.Signal, Model: a.Model, Workflow: a.Workflow,
		Value: a.Value, Threshold: a.Threshold, Unit: a.Signal.Unit(),
		Since: a.Since.UTC(), Time: a.Time.UTC(), Text: "spanloom: " + a.String(),
	}
}
