// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"context"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/schema"
)

// Call is langchaingo's chains.Call. If c is a chain of [Wrap] or [Instrument],
// the span also covers loading and saving memory and validating keys. A Handler that
// langchaingo's WithCallback puts among the options instruments a chain that is not.
func Call(ctx context.Context, c lcchains.Chain, inputValues map[string]any, options ...lcchains.ChainCallOption) (map[string]any, error) {
	c, options = registered(c, options)
	w, ok := c.(*chain)
	if !ok {
		return lcchains.Call(ctx, c, inputValues, options...)
	}
	return traced(ctx, w, inputValues, func(ctx context.Context) (map[string]any, error) {
		return lcchains.Call(ctx, spanless{w}, inputValues, options...)
	})
}

// Run is langchaingo's chains.Run, see [Call].
func Run(ctx context.Context, c lcchains.Chain, input any, options ...lcchains.ChainCallOption) (string, error) {
	c, options = registered(c, options)
	w, ok := c.(*chain)
	if !ok {
		return lcchains.Run(ctx, c, input, options...)
	}
	return traced(ctx, w, input, func(ctx context.Context) (string, error) {
		return lcchains.Run(ctx, spanless{w}, input, options...)
	})
}

// Predict is langchaingo's chains.Predict, see [Call].
func Predict(ctx context.Context, c lcchains.Chain, inputValues map[string]any, options ...lcchains.ChainCallOption) (string, error) {
	c, options = registered(c, options)
	w, ok := c.(*chain)
	if !ok {
		return lcchains.Predict(ctx, c, inputValues, options...)
	}
	return traced(ctx, w, inputValues, func(ctx context.Context) (string, error) {
		return lcchains.Predict(ctx, spanless{w}, inputValues, options...)
	})
}

// Apply is langchaingo's chains.Apply: it calls the chain for each input, up to
// maxWorkers at once, with a span each, see [Call]. langchaingo returns on the
// first error while other calls still run, so their spans may end later.
func Apply(ctx context.Context, c lcchains.Chain, inputValues []map[string]any, maxWorkers int, options ...lcchains.ChainCallOption) ([]map[string]any, error) {
	c, options = registered(c, options)
	w, ok := c.(*chain)
	if !ok {
		return lcchains.Apply(ctx, c, inputValues, maxWorkers, options...)
	}
	return lcchains.Apply(ctx, validating{w}, inputValues, maxWorkers, options...)
}

// spanless is the chain as langchaingo's functions are to see it when the span
// is open already.
type spanless struct{ *chain }

func (s spanless) Call(ctx context.Context, inputs map[string]any, options ...lcchains.ChainCallOption) (map[string]any, error) {
	return s.inner.Call(ctx, inputs, s.withoutHandler(options)...)
}

// validating makes each call of Apply a [Call]: memory and validation happen inside,
// so langchaingo's own round around it has nothing to load, save or check.
type validating struct{ c *chain }

func (w validating) Call(ctx context.Context, inputs map[string]any, options ...lcchains.ChainCallOption) (map[string]any, error) {
	return Call(ctx, w.c, inputs, options...)
}

func (validating) GetMemory() schema.Memory { return memory.NewSimple() }

func (validating) GetInputKeys() []string { return nil }

func (validating) GetOutputKeys() []string { return nil }
