// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
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
func hook(t *testing.T, r *receiver, opts ...alert.WebhookOption) *alert.Webhook {
	t.Helper()
	opts = append(opts, alert.WithWebhookClient(nil), alert.WithWebhookClient(&http.Client{Transport: r}), nil)
	h, err := alert.NewWebhook("https://pager.example/secret", opts...)
	require.NoError(t, err)
	return h
}

func rule(i int) alert.Alert { return alert.Alert{Rule: strconv.Itoa(i)} }

func TestWebhookOnLoopback(t *testing.T) {
	r := &receiver{}
	server := httptest.NewServer(r)
	defer server.Close()
	h, err := alert.NewWebhook(server.URL+"/alerts", alert.WithWebhookHeader("authorization", "Bearer token"))
	require.NoError(t, err)
	monitor := alert.NewMonitor(
		alert.WithRule(alert.Rule{Name: "errors", Signal: alert.SignalErrorRate, Scope: alert.ByModel, Threshold: 0.4, MinCount: 1}),
		alert.WithErrorRate(1, 0), alert.WithSink(h.Send),
	)
	recorder, err := metrics.NewRecorder(nil, metrics.WithObserver(monitor))
	require.NoError(t, err)
	before := time.Now().UTC()
	w := &watched{Recorder: recorder}
	w.calls(2, "timeout", 0, metrics.Usage{})
	w.calls(3, "", 0, metrics.Usage{})
	require.NoError(t, monitor.Shutdown(t.Context()))

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
	assert.Zero(t, monitor.Lost())
}

func TestWebhookRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		r.answer = func(n int) (int, http.Header, error) {
			switch n {
			case 1:
				return 0, nil, errors.New("connection refused")
			case 2:
				return 503, nil, nil
			case 3:
				return 429, http.Header{"Retry-After": {"20"}}, nil
			case 4:
				return 429, http.Header{"Retry-After": {time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat)}}, nil
			}
			return 200, nil, nil
		}
		require.NoError(t, hook(t, r).Send(t.Context(), rule(1)))
		assert.Equal(t, []string{"1", "1", "1", "1", "1"}, r.texts())
		assert.InDelta(t, 1, r.at[1].Sub(r.at[0]).Seconds(), 0.5)
		assert.InDelta(t, 2, r.at[2].Sub(r.at[1]).Seconds(), 1)
		assert.Equal(t, 20*time.Second, r.at[3].Sub(r.at[2]), "the receiver says when it wants to be asked")
		assert.InDelta(t, 7, r.at[4].Sub(r.at[3]).Seconds(), 1, "also by a date, which has no fractions")
	})
}

func TestWebhookGivesUp(t *testing.T) {
	tests := []struct {
		reason  string
		status  int
		header  http.Header
		err     error
		want    string
		retries bool
	}{
		{"refused for good", 403, nil, nil, "HTTP status 403", false},
		{"a redirect loses the body", 302, http.Header{"Location": {"https://elsewhere.example"}}, nil, "HTTP status 302", false},
		{"down for long", 500, nil, nil, "HTTP status 500", true},
		{"no network", 0, nil, errors.New("no route"), "no route", true},
		{"asked to wait for longer than is tried", 429, http.Header{"Retry-After": {"9999999999"}}, nil, "HTTP status 429", false},
		{"asked not to wait, which the growing waits ignore", 503, http.Header{"Retry-After": {"0"}}, nil, "HTTP status 503", true},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{}
				r.answer = func(int) (int, http.Header, error) { return tt.status, tt.header, tt.err }
				start := time.Now()
				err := hook(t, r, alert.WithWebhookRetryTime(time.Minute)).Send(t.Context(), rule(1))
				require.EqualError(t, err, "alert: webhook at pager.example: "+tt.want, "the URL of a webhook often is its password")
				n := len(r.texts())
				assert.Equal(t, tt.retries, n > 3 && n < 20, "%d attempts", n)
				assert.LessOrEqual(t, time.Since(start), time.Minute)
			})
		})
	}
}

func TestWebhookEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func(int) (int, http.Header, error) { return 503, nil, nil }}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		assert.ErrorContains(t, hook(t, r).Send(ctx, rule(1)), "HTTP status 503")
		assert.LessOrEqual(t, time.Since(start), 5*time.Second)
	})
}

func TestAnAlertThatDoesNotReachItsWebhook(t *testing.T) {
	for reason, answer := range map[string]func(int) (int, http.Header, error){
		"refused": func(int) (int, http.Header, error) { return 403, nil, nil },
		"panic":   func(int) (int, http.Header, error) { panic("transport") },
	} {
		t.Run(reason, func(t *testing.T) {
			log := testenv.CaptureLog(t)
			w := watch(t, alert.WithErrorRate(0, 0), alert.WithSink(hook(t, &receiver{answer: answer}).Send))
			w.calls(1, "timeout", 0, metrics.Usage{})
			require.NoError(t, w.monitor.Shutdown(t.Context()))
			assert.Equal(t, 1, w.monitor.Lost())
			assert.Contains(t, log.String(), "an alert did not reach its sink")
			assert.NotContains(t, log.String(), "secret")
		})
	}
}

func TestNewWebhookErrors(t *testing.T) {
	for _, address := range []string{"", "pager", "/alerts", "ftp://pager.example/secret", "https://", "http://[secret", "https:secret"} {
		_, err := alert.NewWebhook(address)
		require.ErrorContains(t, err, "absolute http or https URL", address)
		assert.NotContains(t, err.Error(), "secret")
	}
	_, err := alert.NewWebhook("https://pager.example", alert.WithWebhookRetryTime(-1))
	require.ErrorContains(t, err, "must be positive")

	var none *alert.Webhook
	assert.NoError(t, none.Send(t.Context(), rule(1)))
}
