// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	url       string
	host      string // the part of the URL that may be logged; the rest is often a secret
	client    http.Client
	header    http.Header
	retryTime time.Duration
}

// NewWebhook returns a Webhook that posts to an absolute http or https URL. The error
// says what is wrong with the URL or an option, without the URL.
func NewWebhook(address string, opts ...WebhookOption) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("alert: a webhook needs an absolute http or https URL")
	}
	w := &Webhook{
		url: address, host: u.Host, client: http.Client{Timeout: 10 * time.Second}, retryTime: 2 * time.Minute,
		header: http.Header{"Content-Type": {"application/json"}},
	}
	for _, o := range opts {
		if o != nil {
			o.applyWebhook(w)
		}
	}
	if w.retryTime <= 0 {
		return nil, errors.New("alert: a webhook's retry time must be positive")
	}
	// A redirected request would be a GET without the alert, and its success would
	// hide that.
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return w, nil
}

// Send posts the alert and returns when the receiver has accepted it. It retries on
// network errors and the statuses 408, 429 and 5xx, with growing waits or after what
// Retry-After says; so an alert may arrive twice. The error has no URL, only its host.
func (w *Webhook) Send(ctx context.Context, a Alert) error {
	if w == nil {
		return nil
	}
	body, err := json.Marshal(payload(a))
	if err != nil {
		return err
	}
	// The error of the last attempt says more than that of the context or of the time
	// limit.
	var last error
	wire.Backoff{Elapsed: w.retryTime, First: time.Second, Longest: 30 * time.Second}.Retry(ctx, func(time.Duration) (time.Duration, bool) {
		var wait time.Duration
		var retry bool
		wait, retry, last = w.post(ctx, body)
		if wait <= 0 {
			wait = wire.GrowingWait
		}
		return wait, last != nil && retry && ctx.Err() == nil
	})
	if last != nil {
		return fmt.Errorf("alert: webhook at %s: %w", w.host, last)
	}
	return nil
}

// post makes one attempt. retry reports whether another one may succeed, and wait is
// what the receiver asks to wait before it, or 0.
func (w *Webhook) post(ctx context.Context, body []byte) (wait time.Duration, retry bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return 0, false, errors.New("no request can be made")
	}
	req.Header = w.header.Clone()
	res, err := w.client.Do(req)
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
func payload(a Alert) map[string]any {
	p := map[string]any{
		"status": a.status(), "rule": a.Rule, "signal": a.Signal, "value": a.Value, "threshold": a.Threshold, "unit": a.Signal.Unit(),
		"since": a.Since.UTC(), "time": a.Time.UTC(), "text": "spanloom: " + a.String(),
	}
	if a.Model != "" {
		p["model"] = a.Model
	}
	if a.Workflow != "" {
		p["workflow"] = a.Workflow
	}
	return p
}

// WebhookOption configures a [Webhook]. A nil WebhookOption is ignored.
type WebhookOption interface{ applyWebhook(w *Webhook) }

type webhookOptionFunc func(*Webhook)

func (f webhookOptionFunc) applyWebhook(w *Webhook) { f(w) }

// WithWebhookHeader sets a header of every request, such as Authorization.
func WithWebhookHeader(name, value string) WebhookOption {
	return webhookOptionFunc(func(w *Webhook) { w.header.Set(name, value) })
}

// WithWebhookClient sets the HTTP client. Its Timeout applies to each attempt, and
// redirects are not followed. Default: http.DefaultTransport and 10 seconds.
func WithWebhookClient(client *http.Client) WebhookOption {
	return webhookOptionFunc(func(w *Webhook) {
		if client != nil {
			w.client = *client
		}
	})
}

// WithWebhookRetryTime sets how long [Webhook.Send] retries one alert before it gives
// up. Other alerts of the webhook wait meanwhile. Default: 2 minutes.
func WithWebhookRetryTime(d time.Duration) WebhookOption {
	return webhookOptionFunc(func(w *Webhook) { w.retryTime = d })
}
