// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
)

// receiver is an endpoint that keeps what it gets, with the time.
type receiver struct {
	mu     sync.Mutex
	bodies []map[string]any
	at     []time.Time
	header http.Header
	answer func(n int) (status int, header http.Header, err error)
}

func (r *receiver) take(req *http.Request) (int, http.Header, error) {
	text, err := io.ReadAll(req.Body)
	if err != nil {
		return 0, nil, err
	}
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		return 0, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies, r.at, r.header = append(r.bodies, body), append(r.at, time.Now()), req.Header
	if r.answer == nil {
		return http.StatusNoContent, nil, nil
	}
	return r.answer(len(r.bodies))
}

func (r *receiver) texts() (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.bodies {
		out = append(out, b["rule"].(string))
	}
	return out
}

// RoundTrip answers without a network, so that a fake clock may run.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	status, header, err := r.take(req)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: header, Body: http.NoBody, Request: req}, nil
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	status, header, err := r.take(req)
	if err != nil {
		status = http.StatusBadRequest
	}
	for name := range header {
		w.Header().Set(name, header.Get(name))
	}
	w.WriteHeader(status)
}

// hook sends to a receiver without a network.
func hook(t *testing.T, r *receiver, opts ...metrics.WebhookOption) *metrics.Webhook {
	t.Helper()
	opts = append(opts, metrics.WithWebhookClient(&http.Client{Transport: r}), nil)
	h, err := metrics.NewWebhook("https://pager.example/secret", opts...)
	require.NoError(t, err)
	return h
}

func rule(i int) metrics.Alert { return metrics.Alert{Rule: strconv.Itoa(i)} }

func TestWebhookOnLoopback(t *testing.T) {
	r := &receiver{}
	server := httptest.NewServer(r)
	defer server.Close()
	h, err := metrics.NewWebhook(server.URL+"/alerts", metrics.WithWebhookHeader("authorization", "Bearer token"))
	require.NoError(t, err)
	monitor := metrics.NewMonitor(
		metrics.WithRule(metrics.Rule{Name: "errors", Signal: metrics.SignalErrorRate, Scope: metrics.ByModel, Threshold: 0.4, MinCount: 1}),
		metrics.WithErrorRate(1, 0), metrics.WithSink(h.Send),
	)
	recorder, err := metrics.NewRecorder(nil, metrics.WithMonitor(monitor))
	require.NoError(t, err)
	before := time.Now().UTC()
	w := &watched{Recorder: recorder}
	w.calls(2, "timeout", 0, metrics.Usage{})
	w.calls(3, "", 0, metrics.Usage{})
	require.NoError(t, monitor.Flush(t.Context()))
	require.NoError(t, h.Close(t.Context()))

	require.Len(t, r.bodies, 2)
	fired, resolved := r.bodies[0], r.bodies[1]
	since, err := time.Parse(time.RFC3339Nano, fired["since"].(string))
	require.NoError(t, err)
	assert.False(t, since.Before(before.Add(-time.Second)))
	assert.Equal(t, fired["since"], resolved["since"])
	for _, b := range r.bodies {
		delete(b, "since")
		delete(b, "time")
	}
	assert.Equal(t, map[string]any{
		"status": "firing", "rule": "errors", "signal": "error_rate", "model": "m", "value": 1.0, "threshold": 0.4, "unit": "1",
		"text": "spanloom: errors firing for m: 1 (threshold 0.4)",
	}, fired)
	assert.Equal(t, "resolved", resolved["status"])
	assert.Equal(t, "application/json", r.header.Get("Content-Type"))
	assert.Equal(t, "Bearer token", r.header.Get("Authorization"))
	assert.Zero(t, h.Lost())
}

func TestWebhookRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quiet(t)
		r := &receiver{}
		r.answer = func(n int) (int, http.Header, error) {
			switch n {
			case 1:
				return 0, nil, errors.New("connection refused")
			case 2:
				return 503, nil, nil
			case 3:
				return 429, http.Header{"Retry-After": {"20"}}, nil
			}
			return 200, nil, nil
		}
		h := hook(t, r)
		h.Send(rule(1))
		h.Send(rule(2))
		require.NoError(t, h.Close(t.Context()))
		assert.Equal(t, []string{"1", "1", "1", "1", "2"}, r.texts(), "in order")
		assert.InDelta(t, 1, r.at[1].Sub(r.at[0]).Seconds(), 0.5)
		assert.InDelta(t, 2, r.at[2].Sub(r.at[1]).Seconds(), 1)
		assert.Equal(t, 20*time.Second, r.at[3].Sub(r.at[2]), "the server is asked when it wants to be")
		assert.Zero(t, h.Lost())
	})
}

func TestWebhookGivesUp(t *testing.T) {
	tests := []struct {
		reason   string
		status   int
		header   http.Header
		err      error
		attempts bool
	}{
		{"refused for good", 403, nil, nil, false},
		{"a redirect loses the body", 302, http.Header{"Location": {"https://elsewhere.example"}}, nil, false},
		{"down for long", 500, nil, nil, true},
		{"no network", 0, nil, errors.New("no route"), true},
		{"asked to wait for longer than is tried", 429, http.Header{"Retry-After": {"9999999999"}}, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := quiet(t)
				r := &receiver{}
				r.answer = func(int) (int, http.Header, error) { return tt.status, tt.header, tt.err }
				h := hook(t, r, metrics.WithWebhookRetryTime(time.Minute))
				start := time.Now()
				h.Send(rule(1))
				require.NoError(t, h.Close(t.Context()))
				assert.Equal(t, tt.attempts, len(r.texts()) > 3, "%d attempts", len(r.texts()))
				assert.LessOrEqual(t, time.Since(start), time.Minute)
				assert.Equal(t, 1, h.Lost())
				assert.Contains(t, log.String(), "did not reach its webhook")
				assert.Contains(t, log.String(), "host=pager.example")
				assert.NotContains(t, log.String(), "secret", "the URL of a webhook often is its password")
			})
		})
	}
}

func TestWebhookQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := quiet(t)
		release := make(chan struct{})
		r := &receiver{}
		h := hook(t, r, metrics.WithWebhookQueue(3), metrics.WithWebhookClient(nil))
		r.answer = func(n int) (int, http.Header, error) {
			if n == 1 {
				<-release
			}
			return 200, nil, nil
		}
		h.Send(rule(0))
		synctest.Wait() // it is being sent
		for i := 1; i <= 10; i++ {
			h.Send(rule(i)) // returns, although nothing moves
		}
		assert.Equal(t, 7, h.Lost())
		close(release)
		require.NoError(t, h.Close(t.Context()))
		assert.Equal(t, []string{"0", "8", "9", "10"}, r.texts(), "the oldest give way")
		assert.Equal(t, 1, strings.Count(log.String(), "queue of a webhook is full"))
	})
}

func TestWebhookClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := quiet(t)
		r := &receiver{answer: func(int) (int, http.Header, error) { return 503, nil, nil }}
		h := hook(t, r)
		for i := range 5 {
			h.Send(rule(i))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := h.Close(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "5 alerts were not sent")
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.Equal(t, 5, h.Lost())
		assert.Empty(t, log.String(), "the error says it")
		h.Send(rule(9))
		assert.Equal(t, 6, h.Lost())
		assert.NoError(t, h.Close(t.Context()), "again")
	})
}

func TestWebhookPanicsAreContained(t *testing.T) {
	quiet(t)
	r := &receiver{answer: func(int) (int, http.Header, error) { panic("transport") }}
	h := hook(t, r)
	h.Send(rule(1))
	require.NoError(t, h.Close(t.Context()))
	assert.Equal(t, 1, h.Lost())
}

func TestNewWebhookErrors(t *testing.T) {
	for _, address := range []string{"", "pager", "/alerts", "ftp://pager.example/secret", "https://", "http://[secret", "https:secret"} {
		_, err := metrics.NewWebhook(address)
		require.ErrorContains(t, err, "absolute http or https URL", address)
		assert.NotContains(t, err.Error(), "secret")
	}
	_, err := metrics.NewWebhook("https://pager.example", metrics.WithWebhookQueue(0))
	require.ErrorContains(t, err, "must be positive")
	_, err = metrics.NewWebhook("https://pager.example", metrics.WithWebhookRetryTime(-1))
	require.ErrorContains(t, err, "must be positive")

	var none *metrics.Webhook
	none.Send(rule(1))
	assert.Zero(t, none.Lost())
	assert.NoError(t, none.Close(t.Context()))
}
