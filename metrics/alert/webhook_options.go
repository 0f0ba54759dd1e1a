// SPDX-License-Identifier: Apache-2.0

package alert

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
	client    *http.Client
	header    http.Header
	retryTime time.Duration
}

func newWebhookConfig(opts []WebhookOption) (webhookConfig, error) {
	c := webhookConfig{client: &http.Client{Timeout: 10 * time.Second}, retryTime: 2 * time.Minute}
	for _, o := range opts {
		if o != nil {
			c = o.applyWebhook(c)
		}
	}
	// A redirected request would be a GET without the alert, and its success would
	// hide that.
	client := *c.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.client = &client
	if c.retryTime <= 0 {
		return c, errors.New("alert: a webhook's retry time must be positive")
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

// WithWebhookClient sets the HTTP client. Its Timeout applies to each attempt, and
// redirects are not followed. Default: http.DefaultTransport and 10 seconds.
func WithWebhookClient(client *http.Client) WebhookOption {
	return webhookOptionFunc(func(c webhookConfig) webhookConfig {
		if client != nil {
			c.client = client
		}
		return c
	})
}

// WithWebhookRetryTime sets how long [Webhook.Send] retries one alert before it gives
// up. Other alerts of the webhook wait meanwhile. Default: 2 minutes.
func WithWebhookRetryTime(d time.Duration) WebhookOption {
	return webhookOptionFunc(func(c webhookConfig) webhookConfig {
		c.retryTime = d
		return c
	})
}
