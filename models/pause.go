// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/internal/wire"
)

type pauseKey struct{}

// pause is what the retrier learns from the transport of an attempt's last request: langchaingo's errors have neither headers nor, often, the status.
type pause struct {
	mu   sync.Mutex
	last genai.Exchange
	// failure is the type of an error that a body with a status of success reports.
	failure string
	d       time.Duration
	has     bool
}

// pauseOf returns that of the retrier which a request comes from, or nil.
func pauseOf(ctx context.Context) *pause {
	p, _ := ctx.Value(pauseKey{}).(*pause)
	return p
}

func (p *pause) note(res *http.Response, err error) {
	if p == nil {
		return
	}
	last := genai.Exchange{ErrorType: genai.ErrorType(err, nil, genai.Exchange{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.has, p.failure = false, ""
	if res != nil {
		last.Status = res.StatusCode
		if res.StatusCode >= http.StatusBadRequest {
			p.d, p.has = wire.RetryAfter(res.Header, time.Now())
		}
	}
	p.last = last
}

func (p *pause) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last, p.failure, p.has = genai.Exchange{}, "", false
}

func (p *pause) fail(errorType string) {
	if p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.failure, p.last.ErrorType = errorType, errorType
	}
}

// errorType classifies what an attempt came to. A status of failure makes one of
// a success, too: Ollama's client reports that of a 500 without a body.
func (p *pause) errorType(err error) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil:
	case p.last.Status >= http.StatusBadRequest:
		return strconv.Itoa(p.last.Status)
	default:
		return p.failure
	}
	return genai.ErrorType(err, nil, p.last)
}

// retryable reports whether the attempt may succeed later. An answer that reports an
// error without a code is a fault of the server.
func (p *pause) retryable(errorType string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return genai.Retryable(errorType) || p.failure != "" && (p.failure == "_OTHER" || providers.IsTransient(p.failure))
}

// wait is how long the server asks to wait, as the error or the response says.
func (p *pause) wait(err error) (time.Duration, bool) {
	var says interface{ RetryAfter() time.Duration }
	if !genai.IsEndless(err) && errors.As(err, &says) {
		return max(0, says.RetryAfter()), true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.d, p.has
}
