// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"reflect"
	"slices"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"

	"github.com/spanloom/spanloom/callbacks"
)

// callbackOption returns the callback handler that langchaingo's WithCallback sets, or
// nil. The options are applied once more, to a value of their unexported type.
func callbackOption(options []lcchains.ChainCallOption) (h lccallbacks.Handler) {
	if len(options) == 0 {
		return nil
	}
	// langchaingo meets an option that panics.
	defer func() { _ = recover() }()
	set := reflect.New(reflect.TypeFor[lcchains.ChainCallOption]().In(0).Elem())
	for _, o := range options {
		reflect.ValueOf(o).Call([]reflect.Value{set})
	}
	h, _ = reflect.TypeAssert[lccallbacks.Handler](set.Elem().FieldByName("CallbackHandler"))
	return h
}

// withoutHandler takes the Handler of the wrapper out of the options. langchaingo turns
// streaming on for it, and passes it nothing but the chunks.
func (c *chain) withoutHandler(options []lcchains.ChainCallOption) []lcchains.ChainCallOption {
	h := callbackOption(options)
	if handlerIn(h) == nil {
		return options
	}
	return append(slices.Clip(options), lcchains.WithCallback(c.h.Strip(h)))
}

// registered instruments a chain for the Handler among the options, and takes that out.
func registered(c lcchains.Chain, options []lcchains.ChainCallOption) (lcchains.Chain, []lcchains.ChainCallOption) {
	other := callbackOption(options)
	h := handlerIn(other)
	if h == nil {
		return c, options
	}
	return Instrument(c, h), append(slices.Clip(options), lcchains.WithCallback(h.Strip(other)))
}

// handlerIn returns the first Handler of this library in h, or nil.
func handlerIn(h lccallbacks.Handler) *callbacks.Handler {
	switch h := h.(type) {
	case *callbacks.Handler:
		return h
	case lccallbacks.CombiningHandler:
		for _, other := range h.Callbacks {
			if found := handlerIn(other); found != nil {
				return found
			}
		}
	}
	return nil
}
