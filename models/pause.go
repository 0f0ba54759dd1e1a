// SPDX-License-Identifier: Apache-2.0

package models

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/wire"
)

type pauseKey struct{}

// pause is how the transport tells the retrier how an attempt's last request
// went: langchaingo's errors have neither headers nor, often, the status.
type pause struct {
	mu   sync.Mutex
	last genai.Exchange
	d    time.Duration
	has  bool
}

func (p *pause) note(res *http.Response, err error) {
	last := genai.Exchange{ErrorType: genai.ErrorType(err, nil, genai.Exchange{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.has = false
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
	p.last, p.has = genai.Exchange{}, false
}

// errorType classifies what an attempt came to. A status of failure makes one of
// a success, too: Ollama's client reports that of a 500 without a body.
func (p *pause) errorType(err error) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && p.last.Status >= http.StatusBadRequest {
		return strconv.Itoa(p.last.Status)
	}
	return genai.ErrorType(err, nil, p.last)
}

// wait is how long the server asks to wait, as the error or the response says.
func (p *pause) wait(err error) (time.Duration, bool) {
	var says interface{ RetryAfter() time.Duration }
	if errors.As(err, &says) {
		return max(0, says.RetryAfter()), true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.d, p.has
}
