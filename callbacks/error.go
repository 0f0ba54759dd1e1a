// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"errors"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// messageLimit is in runes.
const messageLimit = 256

// ownError is a failure that the library has words for: they may always be shown.
type ownError struct{ message, errorType string }

func (e ownError) Error() string     { return e.message }
func (e ownError) ErrorType() string { return e.errorType }

// errEndless stands for an error that wraps itself.
var errEndless error = ownError{"an error whose Unwrap leads back to it", "_OTHER"}

// recordError sets the status of a failed span, and adds the event by which
// MLflow and others know an error.
func (s *Span) recordError(err error, errorType string, last genai.Exchange, at time.Time) {
	message := s.errorMessage(err, errorType, last)
	s.span.SetStatus(codes.Error, message)
	s.span.AddEvent(semconv.ExceptionEvent, trace.WithTimestamp(at), trace.WithAttributes(
		semconv.ExceptionType.String(genai.ErrorGoType(err)), semconv.ExceptionMessage.String(message)))
}

// errorMessage is what may be shown of an error. Its message is content: without a
// policy for it, the error's type, status and code take its place.
func (s *Span) errorMessage(err error, errorType string, last genai.Exchange) (message string) {
	// Error, Is and As may be a program's, and panic.
	defer func() {
		if recover() != nil {
			message = errorType
		}
	}()
	if own, ok := errors.AsType[ownError](err); ok {
		return own.message
	}
	policies := s.errorPolicies()
	if len(policies) == 0 {
		return genai.DescribeError(err, errorType, last)
	}
	message = err.Error()
	for _, p := range policies {
		message = content.Apply(p, "", message, messageLimit)
	}
	return message
}
