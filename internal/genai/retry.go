// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// RetryEvent is the event of a further attempt.
const RetryEvent = "retry"

// RetryAttributes are those of RetryEvent.
func RetryAttributes(attempt int, wait time.Duration, errorType string) []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.RetryAttempt.Int(attempt), semconv.RetryWait.Float64(wait.Seconds()), semconv.ErrorType.String(errorType),
	}
}
