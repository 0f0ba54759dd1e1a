// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"context"
	"fmt"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/correlate"
	"github.com/spanloom/spanloom/internal/genai"
)

// Wrap returns a chain that does what c does and records each call: as a
// workflow, or as a task inside another operation. Results, errors and panics
// are c's own. What c holds is not instrumented; see [Instrument]. With
// a nil handler or a nil c it returns c, and so it does with an executor of
// agents.Instrument.
func Wrap(c lcchains.Chain, h *callbacks.Handler, opts ...Option) lcchains.Chain {
	if c == nil || h == nil {
		return c
	}
	// An instrumented executor has its span from its handler.
	if isAgent(c, h) {
		return c
	}
	cfg := newConfig(genai.TypeName(c), opts)
	if w, ok := c.(*chain); ok && w.h == h {
		if len(opts) == 0 {
			return w
		}
		c = w.inner
	}
	return &chain{inner: c, h: h, name: cfg.name}
}

func isAgent(c lcchains.Chain, h *callbacks.Handler) bool {
	if genai.IsNilPointer(c) {
		return false
	}
	hh, ok := c.(lccallbacks.HandlerHaver)
	return ok && h.OpensAgent(hh.GetCallbackHandler())
}

type chain struct {
	inner lcchains.Chain
	h     *callbacks.Handler
	name  string
}

var (
	_ lcchains.Chain           = (*chain)(nil)
	_ lccallbacks.HandlerHaver = (*chain)(nil)
)

// A wrapper's call is not that of the chain whose events our Handler hears.
func init() { correlate.RegisterFunc((*chain).Call, correlate.Eventless) }

// Call implements langchaingo's chains.Chain.
func (c *chain) Call(ctx context.Context, inputs map[string]any, options ...lcchains.ChainCallOption) (map[string]any, error) {
	return traced(ctx, c, inputs, func(ctx context.Context) (map[string]any, error) {
		return c.inner.Call(ctx, inputs, c.withoutHandler(options)...)
	})
}

// traced runs fn as one call of the chain.
func traced[T any](ctx context.Context, c *chain, input any, fn func(context.Context) (T, error)) (T, error) {
	ctx, span := c.h.Start(ctx, callbacks.KindWorkflow, c.name)
	defer span.End(callbacks.ErrUnwound)
	if span != nil {
		span.SetInput(input)
	}
	out, err := fn(ctx)
	failure := err
	if span != nil && err == nil {
		span.SetOutput(out)
		if outputs, ok := any(out).(map[string]any); ok {
			failure = c.missingKey(outputs)
		}
	}
	span.End(failure)
	return out, err
}

// missingKey returns the error that langchaingo's Call makes of these outputs once
// the chain's own Call has returned.
func (c *chain) missingKey(outputs map[string]any) error {
	for _, key := range c.inner.GetOutputKeys() {
		if _, ok := outputs[key]; !ok {
			return fmt.Errorf("%w: %v", lcchains.ErrInvalidOutputValues, key)
		}
	}
	return nil
}

// Unwrap returns the chain inside.
func (c *chain) Unwrap() lcchains.Chain { return c.inner }

// GetMemory implements langchaingo's chains.Chain.
func (c *chain) GetMemory() schema.Memory { return c.inner.GetMemory() }

// GetInputKeys implements langchaingo's chains.Chain.
func (c *chain) GetInputKeys() []string { return c.inner.GetInputKeys() }

// GetOutputKeys implements langchaingo's chains.Chain.
func (c *chain) GetOutputKeys() []string { return c.inner.GetOutputKeys() }

// GetCallbackHandler keeps the handlers of the chain inside at work, without
// ours: its events would make a second span.
func (c *chain) GetCallbackHandler() lccallbacks.Handler {
	if hh, ok := c.inner.(lccallbacks.HandlerHaver); ok {
		return c.h.Strip(hh.GetCallbackHandler())
	}
	return nil
}
