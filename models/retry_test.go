// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
)

// flaky fails with the errors of a list, then answers.
func flaky(calls *int, errs ...error) *oteltest.Model {
	return &oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
		*calls++
		if o.StreamingFunc != nil {
			_ = o.StreamingFunc(ctx, []byte("x"))
		}
		if *calls <= len(errs) {
			return nil, errs[*calls-1]
		}
		return oteltest.Answer("ok", 1, 1), nil
	}}
}

func TestRetry(t *testing.T) {
	limited := llms.NewError(llms.ErrCodeRateLimit, "p", "slow down")
	server := errors.New("API returned unexpected status code: 503: busy")
	invalid := llms.NewError(llms.ErrCodeInvalidRequest, "p", "bad")
	for _, tc := range []struct {
		reason string
		errs   []error
		stream bool
		calls  int
		err    error
	}{
		{"passing faults are repeated", []error{limited, server}, false, 3, nil},
		{"invalid requests are not", []error{invalid}, false, 1, invalid},
		{"attempts are bounded, the last error is returned as it is", []error{limited, limited, server, limited}, false, 3, server},
		{"never after the first streamed chunk", []error{limited}, true, 1, limited},
		{"a cancel is not a passing fault", []error{context.Canceled}, false, 1, context.Canceled},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				calls := 0
				m := models.Wrap(models.Retry(flaky(&calls, tc.errs...)), k.Handler)
				var opts []llms.CallOption
				if tc.stream {
					opts = append(opts, llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
				}
				_, err := m.GenerateContent(t.Context(), prompt, opts...)
				assert.Equal(t, tc.err, err)
				assert.Equal(t, tc.calls, calls)
				span := k.Span(t, "chat")
				assert.Len(t, span.Events(), tc.calls-1, "one event per further attempt, on one span")
			})
		})
	}
}

func TestRetryHonoursTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := llms.NewError(llms.ErrCodeRateLimit, "p", "slow down")
		calls := 0
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := models.Retry(flaky(&calls, limited, limited, limited), models.WithInitialWait(time.Minute)).GenerateContent(ctx, prompt)
		require.ErrorIs(t, err, limited)
		assert.LessOrEqual(t, time.Since(start), 100*time.Millisecond)
	})
}
