// SPDX-License-Identifier: Apache-2.0

package chains

import (
	lcchains "github.com/tmc/langchaingo/chains"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
)

// Instrument returns an instrumented copy of a tree of chains: c itself, the
// chains, models and retrievers inside it. The values it is given stay as they
// are. It knows RetrievalQA, StuffDocuments and LLMChain; any other chain is
// wrapped as [Wrap] does, and what is inside is instrumented by wrapping it
// before the chain is built. With a nil handler or a nil c it returns c.
//
// Names are the chains' types; WithName names c.
func Instrument(c lcchains.Chain, h *callbacks.Handler, opts ...Option) lcchains.Chain {
	if c == nil || h == nil {
		return c
	}
	return Wrap(inside(c, h), h, opts...)
}

// inside returns a copy of c whose parts are instrumented.
func inside(c lcchains.Chain, h *callbacks.Handler) lcchains.Chain {
	switch c := c.(type) {
	case *lcchains.LLMChain:
		if c != nil {
			cp := *c
			cp.LLM = models.Wrap(c.LLM, h)
			return &cp
		}
	case lcchains.LLMChain:
		c.LLM = models.Wrap(c.LLM, h)
		return c
	case lcchains.StuffDocuments:
		c.LLMChain = byEvents(c.LLMChain, h)
		return c
	case *lcchains.StuffDocuments:
		if c != nil {
			return inside(*c, h)
		}
	case lcchains.RetrievalQA:
		c.Retriever = retrieval.Wrap(c.Retriever, h)
		c.CombineDocumentsChain = Instrument(c.CombineDocumentsChain, h)
		return c
	case *lcchains.RetrievalQA:
		if c != nil {
			return inside(*c, h)
		}
	}
	return c
}

// byEvents instruments an LLMChain in a place that takes no other type: no
// wrapper can stand there, but the chain's own callback handler can, and the
// model inside finds the chain's span by the goroutine.
func byEvents(c *lcchains.LLMChain, h *callbacks.Handler) *lcchains.LLMChain {
	if c == nil {
		return nil
	}
	cp := *c
	cp.LLM = models.Wrap(c.LLM, h)
	cp.CallbacksHandler = h.Beside(callbacks.KindTask, "LLMChain", c.CallbacksHandler)
	return &cp
}
