// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// payload is what a webhook posts. See [Webhook].
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
	status := "firing"
	if a.Resolved {
		status = "resolved"
	}
	return payload{
		Status: status, Rule: a.Rule, Signal: a.Signal, Model: a.Model, Workflow: a.Workflow,
		Value: a.Value, Threshold: a.Threshold, Unit: a.Signal.Unit(),
		Since: a.Since.UTC(), Time: a.Time.UTC(), Text: "spanloom: " + a.String(),
	}
}

// deliver tries until it works, is refused, or takes too long. The last attempt's
// error tells more than that of whatever ended the trying.
func (w *Webhook) deliver(a Alert) error {
	body, err := json.Marshal(newPayload(a))
	if err != nil {
		return err
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.Multiplier, wait.MaxInterval = time.Second, 2, 30*time.Second
	var last error
	_, _ = backoff.Retry(w.ctx, func() (struct{}, error) {
		var after time.Duration
		var again bool
		after, again, last = w.post(body)
		switch {
		case last == nil:
			return struct{}{}, nil
		case !again || w.ctx.Err() != nil:
			return struct{}{}, backoff.Permanent(last)
		case after > 0:
			return struct{}{}, &backoff.RetryAfterError{Duration: after}
		}
		return struct{}{}, last
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(w.cfg.elapsed))
	return last
}

// post sends once. again says whether trying again may help, after how long the
// server wants to be asked.
func (w *Webhook) post(body []byte) (after time.Duration, again bool, err error) {
	defer func() {
		if p := recover(); p != nil { // a transport is a program's own code
			again, err = false, fmt.Errorf("the HTTP client panicked: %v", p)
		}
	}()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return 0, false, errors.New("no request can be made")
	}
	maps.Copy(req.Header, w.cfg.header)
	req.Header.Set("Content-Type", "application/json")
	res, err := w.cfg.client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // its text has the URL
		}
		return 0, true, err
	}
	// Read to the end, or the connection is not used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	_ = res.Body.Close()
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return 0, false, nil
	}
	again = res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout
	if s, e := strconv.Atoi(res.Header.Get("Retry-After")); again && e == nil && s > 0 {
		after = time.Duration(min(s, 3600)) * time.Second
	}
	return after, again, errors.New("HTTP status " + strconv.Itoa(res.StatusCode))
}
