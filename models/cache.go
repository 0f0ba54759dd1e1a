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
	case genai.WrappedInside(m):
		return cacheOfWrapped
	case genai.AppliesOptions(m):
		return cacheOfProvider
	}
	return cacheOfUnknown
}

// watch returns what to call the cache with, and whether that call asked the
// model.
func (c cache) watch(ctx context.Context, h *callbacks.Handler, options []llms.CallOption) (context.Context, []llms.CallOption, func() bool) {
	switch c {
	case cacheOfProvider:
		var applied atomic.Int32
		options = append(slices.Clip(options), func(*llms.CallOptions) { applied.Add(1) })
		return ctx, options, func() bool { return applied.Load() > 1 }
	case cacheOfWrapped:
		call := &cachedCall{h: h}
		return context.WithValue(ctx, cachedCallKey{}, call), options, call.asked.Load
	}
	return ctx, options, always
}

func always() bool { return true }

type cachedCallKey struct{}

type cachedCall struct {
	h     *callbacks.Handler
	asked atomic.Bool
}

// insideCache notes that a call has come through a cache that is recorded, and
// reports whether by the same handler: the two are one call then.
func insideCache(ctx context.Context, h *callbacks.Handler) bool {
	if ctx == nil {
		return false
	}
	call, ok := ctx.Value(cachedCallKey{}).(*cachedCall)
	return ok && call.asked.CompareAndSwap(false, true) && call.h == h
}
