// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
)

// cache says how to tell whether langchaingo's cache asked the model in it: the
// response does not, and carries the usage of the call that once filled the
// cache.
type cache uint8

const (
	noCache cache = iota
	// cacheOfUnknown holds a model that may or may not apply call options: every
	// call counts as one of the model.
	cacheOfUnknown
	// cacheOfProvider holds a client that applies call options, as the cache does
	// once itself.
	cacheOfProvider
	// cacheOfWrapped holds a model of this package, which says it.
	cacheOfWrapped
)

func newCache(m llms.Model) cache {
	switch {
	case !genai.IsCache(m):
		return noCache
	case genai.CachesWrapped(m):
		return cacheOfWrapped
	case genai.AppliesOptions(m):
		return cacheOfProvider
	}
	return cacheOfUnknown
}

// watch returns what to call the cache with, and whether that call asked the
// model.
func (c cache) watch(ctx context.Context, h *callbacks.Handler, options []llms.CallOption) (context.Context, []llms.CallOption, func() bool) {
	if c != cacheOfProvider && c != cacheOfWrapped {
		return ctx, options, always
	}
	call := &cachedCall{h: h}
	ctx = context.WithValue(ctx, cachedCallKey{}, call)
	if c == cacheOfWrapped {
		return ctx, options, call.asked.Load
	}
	options = append(slices.Clip(options), func(*llms.CallOptions) { call.applied.Add(1) })
	return ctx, options, func() bool { return call.applied.Load() > 1 }
}

func always() bool { return true }

type cachedCallKey struct{}

// cachedCall watches one call of a cache.
type cachedCall struct {
	h       *callbacks.Handler
	asked   atomic.Bool  // a wrapped model in it was called
	applied atomic.Int32 // so often were the options
}

// repeatsCache begins to watch anew: a retrier around the cache calls it again.
func repeatsCache(ctx context.Context) {
	if call, _ := ctx.Value(cachedCallKey{}).(*cachedCall); call != nil {
		call.asked.Store(false)
		call.applied.Store(0)
	}
}

// insideCache notes that a call has come through a cache that is recorded, and
// reports whether by the same handler: the two are one call then. What the model
// calls in turn is no longer that of the cache, and gets a context that says so.
func insideCache(ctx context.Context, h *callbacks.Handler) (context.Context, bool) {
	if ctx == nil {
		return ctx, false
	}
	call, _ := ctx.Value(cachedCallKey{}).(*cachedCall)
	if call == nil {
		return ctx, false
	}
	call.asked.Store(true)
	return context.WithValue(ctx, cachedCallKey{}, (*cachedCall)(nil)), call.h == h
}
