// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"net/http"
	"strings"

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
	// answer is how the last one's answer ended.
	answer completeness
}

// ensureRequests returns s.requests, made where there is none. s.mu must be held.
func (s *Span) ensureRequests() *requests {
	if s.requests == nil {
		s.requests = new(requests)
	}
	return s.requests
}

// failure is the error of an operation that reported success although the last
// request failed.
func (r *requests) failure() error {
	switch {
	case r.last.Status >= http.StatusBadRequest:
		r.answer = truncated
		return statusError(r.last.Status)
	case r.failed:
		return failureError(r.last.ErrorType)
	}
	return nil
}

type completeness uint8

const (
	unknownCompleteness completeness = iota
	complete
	truncated
)

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
// with attributes made of its headers. A request without a response has status 0
// and an error. A wrapper of an HTTP client calls it once for each request.
//
// The requests are counted in spanloom.http.attempts. The last one counts otherwise:
// SetResponse drops what it and [Span.SetComplete] were given before.
//
// The status becomes an attribute if it is 400 or more, or not the first. An
// operation has failed if the last status is 400 or more, even if End gets no error.
// The status, or else err, gives the type of an error of the operation that has no
// type of its own.
func (s *Span) SetResponse(status int, err error, headers ...attribute.KeyValue) {
	last := genai.Exchange{Status: status, ErrorType: genai.ErrorType(err, nil, genai.Exchange{})}
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	r := s.ensureRequests()
	r.attempts++
	r.last, r.answer, r.failed = last, unknownCompleteness, false
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

// SetComplete records whether the answer to the last HTTP request was received to
// its end. A wrapper of an HTTP client calls it. False sets spanloom.incomplete,
// and true removes it.
func (s *Span) SetComplete(isComplete bool) {
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	s.ensureRequests().answer = truncated
	if isComplete {
		s.ensureRequests().answer = complete
	}
}

// flagIncomplete sets or removes spanloom.incomplete where SetComplete was called.
func (s *Span) flagIncomplete() {
	if s.requests == nil {
		return
	}
	switch s.requests.answer {
	case truncated:
		s.set(semconv.Incomplete.Bool(true))
	case complete:
		s.ensureBuffer().drop(func(k attribute.Key) bool { return k == semconv.Incomplete })
	}
}
