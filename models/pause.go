// SPDX-License-Identifier: Apache-2.0

package models

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/spanloom/spanloom/internal/wire"
)

type pauseKey struct{}

// pause is how the transport tells the retrier what an attempt's last response
// said: langchaingo's errors have neither headers nor, often, the status.
type pause struct {
	mu   sync.Mutex
	code int
	d    time.Duration
	has  bool
}

func (p *pause) note(res *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code = res.StatusCode
	if p.has = false; res.StatusCode >= http.StatusBadRequest {
		p.d, p.has = wire.RetryAfter(res.Header, time.Now())
	}
}

func (p *pause) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code, p.has = 0, false
}

func (p *pause) status() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
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
