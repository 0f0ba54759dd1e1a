// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/wire"
)

// RetryOption configures [Retry]. A nil RetryOption is ignored.
type RetryOption interface{ applyRetry(*retryConfig) }

type retryOptionFunc func(*retryConfig)

func (f retryOptionFunc) applyRetry(c *retryConfig) { f(c) }

type retryConfig struct {
	attempts int
	elapsed  time.Duration
	wait     time.Duration
	cached   bool // what is repeated are calls of a cache
}

// WithMaxAttempts bounds the attempts of one call, the first included.
// Default: 3. Less than 1 counts as 1.
func WithMaxAttempts(n int) RetryOption {
	return retryOptionFunc(func(c *retryConfig) { c.attempts = max(1, n) })
}

// WithMaxElapsedTime bounds the time of one call with all its attempts and
// waits: no attempt begins after it. Default: 1 minute.
func WithMaxElapsedTime(d time.Duration) RetryOption {
	return retryOptionFunc(func(c *retryConfig) {
		if d > 0 {
			c.elapsed = d
		}
	})
}

// WithInitialWait sets the wait before the second attempt; it doubles from
// there, with some jitter. Default: 1 second.
func WithInitialWait(d time.Duration) RetryOption {
	return retryOptionFunc(func(c *retryConfig) {
		if d > 0 {
			c.wait = d
		}
	})
}

// Retry returns a model that repeats calls of m that failed by rate limit,
// time-out or a fault of the server, and no others. It never repeats a call
// whose first text was streamed to the caller, nor beyond the context. A call that
// reports success although the server answered with such a status, or with an error in
// the body, has failed, too. [NewTransport] sees both.
//
// Each attempt after the first is an event "retry" on the operation around (else
// on the current span): its number, the wait before it in seconds, and the error
// type of the attempt that failed before it; spanloom.retries counts them. If the last
// attempt fails, the span has its error. A suppressed context has no events.
//
// Where the server says how long to wait, that counts instead of the growing
// wait: an error says it with a method RetryAfter() time.Duration, a header
// reaches Retry through [NewTransport]. If either wait would end after the
// context's deadline or the longest time of the call, the call is over at once,
// with what the last attempt returned.
//
// The last attempt's result and error are returned as they are. Requests for
// embeddings are repeated, too. The model is safe for concurrent use if m is. Of a
// model that [Wrap] made, all attempts are one span, whichever of the two is outside.
func Retry(m llms.Model, opts ...RetryOption) Model {
	if m == nil {
		return nil
	}
	c := retryConfig{attempts: 3, elapsed: time.Minute, wait: time.Second}
	for _, o := range opts {
		if o != nil {
			o.applyRetry(&c)
		}
	}
	if w, ok := m.(core); ok && w.wrapped() != nil {
		// One span for all attempts, whichever was written outside.
		outer := *w.wrapped()
		outer.inner = Retry(outer.inner, opts...)
		return &outer
	}
	c.cached = genai.IsCache(clientOf(m))
	return &retrier{base{m}, c}
}

type retrier struct {
	base
	cfg retryConfig
}

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

// CreateEmbedding implements embeddings.EmbedderClient.
func (r *retrier) CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error) {
	return repeat(ctx, r.cfg, nil, func(ctx context.Context, _ []llms.CallOption) ([][]float32, error) {
		return r.base.CreateEmbedding(ctx, texts)
	})
}

func repeat[T any](ctx context.Context, c retryConfig, options []llms.CallOption, call func(context.Context, []llms.CallOption) (T, error)) (T, error) {
	if ctx == nil {
		return call(ctx, options) // there is nothing to wait with
	}
	var streamed atomic.Bool
	options = onChunk(options, func(size int) {
		if size > 0 {
			streamed.Store(true)
		}
	})
	var asked pause
	callCtx := context.WithValue(ctx, pauseKey{}, &asked)

	var (
		result    T
		err       error
		attempt   int
		errorType string
	)
	wire.Backoff{Attempts: c.attempts, Elapsed: c.elapsed, First: c.wait, Longest: longestWait}.Retry(ctx, func(waited time.Duration) (time.Duration, bool) {
		// Not before the wait, which the end of the context may cut short.
		if attempt++; attempt > 1 {
			recordRetry(ctx, attempt, waited, errorType)
		}
		asked.clear()
		if c.cached {
			repeatsCache(ctx)
		}
		result, err = call(callCtx, options)
		errorType = asked.errorType(err)
		if errorType == "" || streamed.Load() || ctx.Err() != nil || !asked.retryable(errorType) {
			return 0, false
		}
		if wait, says := asked.wait(err); says {
			return wait, true
		}
		return wire.GrowingWait, true
	})
	return result, err
}

// longestWait bounds the growing wait.
const longestWait = time.Minute

// recordRetry adds the event to the operation around, or to a span of the program's
// where there is none.
func recordRetry(ctx context.Context, attempt int, wait time.Duration, errorType string) {
	switch span := callbacks.SpanFromContext(ctx); {
	case callbacks.Suppressed(ctx):
	case span != nil:
		span.AddRetry(attempt, wait, errorType)
	default:
		trace.SpanFromContext(ctx).AddEvent(genai.RetryEvent, trace.WithAttributes(genai.RetryAttributes(attempt, wait, errorType)...))
	}
}
