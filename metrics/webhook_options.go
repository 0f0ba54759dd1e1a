// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"errors"
	"net/http"
	"time"
)

// WebhookOption configures a [Webhook]. A nil WebhookOption is ignored.
type WebhookOption interface {
	applyWebhook(webhookConfig) webhookConfig
}

type webhookOptionFunc func(webhookConfig) webhookConfig

func (f webhookOptionFunc) applyWebhook(c webhookConfig) webhookConfig { return f(c) }

type webhookConfig struct {
	client  *http.Client
	header  http.Header
	queue   int
	elapsed time.Duration
}

func newWebhookConfig(opts []WebhookOption) (webhookConfig, error) {
	c := webhookConfig{client: &http.Client{Timeout: 10 * time.Second}, queue: 100, elapsed: 2 * time.Minute}
	for _, o := range opts {
		if o != nil {
			c = o.applyWebhook(c)
		}
	}
	// A request that was redirected would be a GET without the alert, and its
	// success would hide that.
	client := *c.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.client = &client
	if c.queue < 1 || c.elapsed <= 0 {
		return c, errors.New("metrics: a webhook's queue and retry time must be positive")
	}
	return c, nil
}

// WithWebhookHeader sets a header of every request, such as Authorization.
func WithWebhookHeader(name, value string) WebhookOption {
	return webhookOptionFunc(func(c webhookConfig) webhookConfig {
		if c.header = c.header.Clone(); c.header == nil {
			c.header = http.Header{}
		}
		c.header.Set(name, value)
		return c
	})
}

// WithWebhookClient sets the client, whose Timeout is that of one attempt; its
// redirects are not followed. Default: http.DefaultTransport and 10 seconds.
func WithWebhookClient(client *http.Client) WebhookOption {
	return webhookOptionFunc(func(c webhookConfig) webhookConfig {
		if client != nil {
			c.client = client
		}
		return c
	})
}

// WithWebhookQueue sets how many alerts may wait. Default: 100.
func WithWebhookQueue(n int) WebhookOption {
	return webhookOptionFunc(func(c webhookConfig) webhookConfig {
		c.queue = n
		return c
	})
}

// WithWebhookRetryTime sets how long one alert is tried to be sent before it is
// given up. Default: 2 minutes.
func WithWebhookRetryTime(d time.Duration) WebhookOption {
	return webhookOptionFunc(func(c webhookConfig) webhookConfig {
		c.elapsed = d
		return c
	})
}
