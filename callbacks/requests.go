// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"slices"
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
	// counts are the attributes of Count.
	counts []attribute.KeyValue
	// last is the outcome of the last request. some is set once there was one, and
	// again once there was a second.
	last        genai.Exchange
	some, again bool
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

type completeness uint8

const (
	unknownCompleteness completeness = iota
	complete
	truncated
)

// Count adds n to an attribute that counts, and returns the sum: the attempts of
// a call, for example. After End it returns 0.
func (s *Span) Count(key attribute.Key, n int) int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Load() {
		return 0
	}
	r := s.ensureRequests()
	i := slices.IndexFunc(r.counts, func(a attribute.KeyValue) bool { return a.Key == key })
	if i < 0 {
		i = len(r.counts)
		r.counts = append(r.counts, key.Int(0))
	}
	n += int(r.counts[i].Value.AsInt64())
	r.counts[i] = key.Int(n)
	s.set(r.counts[i])
	return n
}

// AddUsage adds the tokens of one request to those of the operation: what was
// seen on the wire, where an operation may take several requests. A count that
// has any such tokens takes them instead of what SetUsage says.
func (s *Span) AddUsage(u metrics.Usage) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended.Load() {
		r := s.ensureRequests()
		r.usage = r.usage.Add(u)
	}
}

// SetResponse tells how an HTTP request of the operation went: the status of its
// response with the attributes of headers worth keeping, or, with status 0, the
// error of a request that had none. The last request counts: SetResponse drops
// what it and SetComplete were given before.
//
// The status becomes an attribute if it is a failure's or not the first. An
// operation that succeeds although its last response has a status of 400 or more
// has failed, and an error of the operation that tells nothing itself is
// classified by the status, or by err.
func (s *Span) SetResponse(status int, err error, headers ...attribute.KeyValue) {
	if s == nil {
		return
	}
	last := genai.Exchange{Status: status, ErrorType: genai.ErrorType(err, nil, genai.Exchange{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Load() {
		return
	}
	r := s.ensureRequests()
	r.again, r.some = r.some, true
	r.last, r.answer = last, unknownCompleteness
	if !s.recording {
		return
	}
	if r.again {
		s.buf.drop(func(k attribute.Key) bool {
			return k == semconv.HTTPResponseStatusCode || k == semconv.ErrorCode || strings.HasPrefix(string(k), semconv.ResponseHeaderPrefix)
		})
	}
	if status >= 400 || status > 0 && r.again {
		s.set(semconv.HTTPResponseStatusCode.Int(status))
	}
	for _, h := range headers {
		s.set(h)
	}
}

// SetComplete tells whether the answer to the last request came to the end that
// its protocol knows. One that did not gives spanloom.incomplete, and one that
// did takes it away from a result that seems to be cut short.
func (s *Span) SetComplete(isComplete bool) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended.Load():
	case isComplete:
		s.ensureRequests().answer = complete
	default:
		s.ensureRequests().answer = truncated
	}
}

// flagIncomplete settles spanloom.incomplete, of which the wire knows more than
// who set it as an attribute.
func (s *Span) flagIncomplete() {
	if s.requests == nil {
		return
	}
	switch s.requests.answer {
	case truncated:
		s.set(semconv.Incomplete.Bool(true))
	case complete:
		s.buf.drop(func(k attribute.Key) bool { return k == semconv.Incomplete })
	}
}
