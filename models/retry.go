// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// RetryOption configures [Retry]. A nil RetryOption is ignored.
type RetryOption interface{ applyRetry(retryConfig) retryConfig }

type retryOptionFunc func(retryConfig) retryConfig

func (f retryOptionFunc) applyRetry(c retryConfig) retryConfig { return f(c) }

type retryConfig struct {
	attempts uint
	elapsed  time.Duration
	wait     time.Duration
}

// WithMaxAttempts bounds the attempts of one call, the first included.
// Default: 3. Less than 1 counts as 1.
func WithMaxAttempts(n int) RetryOption {
	return retryOptionFunc(func(c retryConfig) retryConfig {
		c.attempts = uint(max(1, n))
		return c
	})
}

// WithMaxElapsedTime bounds the time of one call with all its attempts and
// waits: no attempt begins after it. Default: 1 minute.
func WithMaxElapsedTime(d time.Duration) RetryOption {
	return retryOptionFunc(func(c retryConfig) retryConfig {
		if d > 0 {
			c.elapsed = d
		}
		return c
	})
}

// WithInitialWait sets the wait before the second attempt; it doubles from
// there, with some jitter. Default: 1 second.
func WithInitialWait(d time.Duration) RetryOption {
	return retryOptionFunc(func(c retryConfig) retryConfig {
		if d > 0 {
			c.wait = d
		}
		return c
	})
}

// Retry returns a model that repeats calls of m that failed by rate limit,
// time-out or a fault of the server, and no others. It never repeats a call
// whose first chunk was streamed to the caller, nor beyond the context. Each
// further attempt is an event "retry" on the current span, with the number of
// the attempt to come, the wait in seconds and the error type.
//
// Where the server says how long to wait, that counts instead of the growing
// wait: an error says it with a method RetryAfter() time.Duration, a header
// reaches Retry through [NewTransport]. If the wait would end after the
// context's deadline or the longest time of the call, the call is over at once.
//
// The last attempt's result and error are returned as they are. It has the
// optional methods that m has, which are not repeated, and is safe for
// concurrent use if m is. Of a model that [Wrap] made, all attempts are one
// span, whichever of the two is outside.
func Retry(m llms.Model, opts ...RetryOption) llms.Model {
	if m == nil {
		return nil
	}
	c := retryConfig{attempts: 3, elapsed: time.Minute, wait: time.Second}
	for _, o := range opts {
		if o != nil {
			c = o.applyRetry(c)
		}
	}
	if w, ok := m.(core); ok && w.wrapped() != nil {
		// One span for all attempts, whichever was written outside.
		outer := *w.wrapped()
		outer.inner = Retry(outer.inner, opts...)
		return outer.complete()
	}
	return optionalOf(m).on(&retrier{m, c})
}

type retrier struct {
	inner llms.Model
	cfg   retryConfig
}

// Unwrap returns the model inside.
func (r *retrier) Unwrap() llms.Model { return r.inner }

func (r *retrier) wrapped() *model { return nil }

var _ core = (*retrier)(nil)

// GenerateContent implements llms.Model.
func (r *retrier) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	return repeat(ctx, r.cfg, options, func(ctx context.Context, options []llms.CallOption) (*llms.ContentResponse, error) {
		return r.inner.GenerateContent(ctx, messages, options...)
	})
}

// Call implements llms.Model.
func (r *retrier) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return repeat(ctx, r.cfg, options, func(ctx context.Context, options []llms.CallOption) (string, error) {
		return r.inner.Call(ctx, prompt, options...)
	})
}

func repeat[T any](ctx context.Context, c retryConfig, options []llms.CallOption, call func(context.Context, []llms.CallOption) (T, error)) (T, error) {
	if ctx == nil {
		return call(ctx, options) // there is nothing to wait with
	}
	var streamed atomic.Bool
	options = onChunk(resolve(options), options, func(int) { streamed.Store(true) })
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.Multiplier = c.wait, 2
	var asked pause
	callCtx := context.WithValue(ctx, pauseKey{}, &asked)

	var (
		result  T
		err     error
		attempt int
	)
	_, _ = backoff.Retry(ctx, func() (struct{}, error) {
		attempt++
		asked.clear()
		result, err = call(callCtx, options)
		if err == nil {
			return struct{}{}, nil
		}
		if streamed.Load() || ctx.Err() != nil || !passing(err, asked.status()) {
			return struct{}{}, backoff.Permanent(err)
		}
		if d, ok := asked.wait(err); ok {
			if deadline, has := ctx.Deadline(); has && time.Now().Add(d).After(deadline) {
				return struct{}{}, backoff.Permanent(err)
			}
			return struct{}{}, &backoff.RetryAfterError{Duration: d}
		}
		return struct{}{}, errors.New("again") // the real one may be of backoff's own types
	},
		backoff.WithBackOff(wait), backoff.WithMaxTries(c.attempts), backoff.WithMaxElapsedTime(c.elapsed),
		backoff.WithNotify(func(_ error, d time.Duration) {
			trace.SpanFromContext(ctx).AddEvent("retry", trace.WithAttributes(
				semconv.RetryAttempt.Int(attempt+1),
				semconv.RetryWait.Float64(d.Seconds()),
				semconv.ErrorType.String(genai.ErrorType(err, nil, asked.status())),
			))
		}))
	return result, err
}

// passing reports whether the same call may succeed later. status is that of the
// last response, 0 if none was seen: several clients do not pass it on.
func passing(err error, status int) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	switch t := genai.ErrorType(err, nil, status); t {
	case string(llms.ErrCodeRateLimit), string(llms.ErrCodeProviderUnavailable), genai.ErrorTimeout, "408", "429":
		return true
	default:
		return len(t) == 3 && t[0] == '5'
	}
}
