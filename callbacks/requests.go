// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// requests describes the HTTP requests of an operation. It is kept also where the
// span is not recorded: errors and metrics need it.
type requests struct {
	// usage is the sum of the tokens that the responses stated.
	usage metrics.Usage
	// attempts counts the requests, and last is the outcome of the last one.
	attempts int
	last     genai.Exchange
	// failed is set if the last answer reports an error of the type in last.
	failed bool
	// complete and truncated say how the last answer ended; neither, that it is unknown.
	complete, truncated bool
	// streaming is how long after the start the last stream began, if there was one.
	streaming time.Duration
}

// ensureRequests returns s.requests, made where there is none. s.mu must be held.
func (s *Span) ensureRequests() *requests {
	if s.requests == nil {
		s.requests = new(requests)
	}
	return s.requests
}

// failure is the error of an operation that reported success although the last
// request failed. Ollama's client does so with a 500 that has no body.
func (r *requests) failure() error {
	switch {
	case r.last.Status >= http.StatusBadRequest:
		r.complete, r.truncated = false, true
		status := strconv.Itoa(r.last.Status)
		return ownError{"the server answered with HTTP status " + status + ", and the client reported success", status}
	case r.failed:
		return ownError{"the request failed, and the client reported success: " + r.last.ErrorType, r.last.ErrorType}
	}
	return nil
}

// AddUsage adds the tokens of one HTTP request to those of the operation. A wrapper
// of an HTTP client calls it, since an operation may take several requests. A count
// with any such tokens replaces that of [Span.SetUsage].
func (s *Span) AddUsage(u metrics.Usage) {
	if s.lock() {
		r := s.ensureRequests()
		r.usage = r.usage.Add(u)
		s.mu.Unlock()
	}
}

// SetResponse records the outcome of one HTTP request: the status of its response,
// with attributes made of its headers, or status 0 and an error. A wrapper of an HTTP
// client calls it once for each request. They are counted in spanloom.http.attempts;
// otherwise the last one counts, and what [Span.SetComplete] was given before does not.
//
// The status becomes an attribute if it is 400 or more, or not the first. The operation
// has failed if the last one is 400 or more, even if End gets no error. The status, or
// else err, is the type of an error that has none of its own.
func (s *Span) SetResponse(status int, err error, headers ...attribute.KeyValue) {
	last := genai.Exchange{Status: status, ErrorType: genai.ErrorType(err, nil, genai.Exchange{})}
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	r := s.ensureRequests()
	r.attempts++
	r.last, r.failed, r.complete, r.truncated = last, false, false, false
	if !s.recording {
		return
	}
	s.set(semconv.HTTPAttempts.Int(r.attempts))
	if r.attempts > 1 {
		s.ensureBuffer().drop(func(k attribute.Key) bool {
			return k == semconv.HTTPResponseStatusCode || k == semconv.ErrorCode || strings.HasPrefix(string(k), semconv.ResponseHeaderPrefix)
		})
	}
	if status >= 400 || status > 0 && r.attempts > 1 {
		s.set(semconv.HTTPResponseStatusCode.Int(status))
	}
	s.set(headers...)
}

// SetFailure records that the answer to the last HTTP request reports an error, whatever
// its status, or was cut off. errorType is an identifier, such as the provider's code. The
// operation has failed then, even if End gets no error.
func (s *Span) SetFailure(errorType string) {
	if s.lock() {
		r := s.ensureRequests()
		r.failed, r.last.ErrorType = true, errorType
		s.mu.Unlock()
	}
}

// SetComplete records whether the answer to the last HTTP request was received to its end.
// A wrapper of an HTTP client calls it. False sets spanloom.incomplete, true removes it.
func (s *Span) SetComplete(isComplete bool) {
	if s.lock() {
		r := s.ensureRequests()
		r.complete, r.truncated = isComplete, !isComplete
		s.mu.Unlock()
	}
}
