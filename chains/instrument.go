// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"reflect"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
)

// Instrument returns an instrumented copy of a tree of chains: c itself, and
// the chains, models and retrievers inside it. The values it is given stay as
// they are. With a nil handler or a nil c it returns c.
//
// It reaches whatever langchaingo's chain types keep in exported fields:
// LLMChain and what NewConversation returns, StuffDocuments,
// MapReduceDocuments, MapRerankDocuments, RefineDocuments, RetrievalQA,
// ConversationalRetrievalQA, APIChain, SQLDatabaseChain, LLMMathChain,
// Transform, and what the question-answering and summarisation constructors
// return. SequentialChain, SimpleSequentialChain and Constitutional keep their
// parts to themselves, and types of yours are not looked into: instrument the
// parts before building these (see the SequentialChain example), and Instrument
// adds the span around them. For executors there is agents.Instrument.
//
// Names are the chains' types, but an LLMChain has the name of the field that
// holds it: RequestChain, CondenseQuestionChain. WithName names c.
func Instrument(c lcchains.Chain, h *callbacks.Handler, opts ...Option) lcchains.Chain {
	if c == nil || h == nil {
		return c
	}
	return Wrap(inside(c, h), h, opts...)
}

var (
	chainInterface     = reflect.TypeFor[lcchains.Chain]()
	modelInterface     = reflect.TypeFor[llms.Model]()
	retrieverInterface = reflect.TypeFor[schema.Retriever]()
	llmChainPointer    = reflect.TypeFor[*lcchains.LLMChain]()
	llmChainStruct     = llmChainPointer.Elem()
)

// inside returns a copy of one of langchaingo's chains whose parts are
// instrumented, or c if there are none to reach. Only types of langchaingo are
// copied: a user's own may hold a lock or be known by its address.
func inside(c lcchains.Chain, h *callbacks.Handler) lcchains.Chain {
	v := reflect.ValueOf(c)
	isPointer := v.Kind() == reflect.Pointer
	if isPointer {
		if v.IsNil() {
			return c
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || v.Type().PkgPath() != llmChainStruct.PkgPath() {
		return c
	}
	cp := reflect.New(v.Type())
	cp.Elem().Set(v)
	changed := false
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
			if part := instrumentPart(f.Name, v.Field(i), h); part != nil {
				cp.Elem().Field(i).Set(reflect.ValueOf(part))
				changed = true
			}
		}
	}
	if v.Type() == llmChainStruct {
		// The wrapper around an LLMChain takes the place of our events.
		llm := cp.Interface().(*lcchains.LLMChain) //nolint:forcetypeassert // checked by type
		llm.CallbacksHandler = h.Strip(llm.CallbacksHandler)
	}
	switch {
	case !changed:
		return c
	case isPointer:
		return cp.Interface().(lcchains.Chain) //nolint:forcetypeassert // a copy of c's type
	default:
		return cp.Elem().Interface().(lcchains.Chain) //nolint:forcetypeassert // a copy of c's type
	}
}

// instrumentPart returns what to put in a field's place, or nil.
func instrumentPart(name string, v reflect.Value, h *callbacks.Handler) any {
	switch v.Type() {
	case modelInterface:
		return models.Wrap(v.Interface().(llms.Model), h) //nolint:forcetypeassert // checked by type
	case retrieverInterface:
		return retrieval.Wrap(v.Interface().(schema.Retriever), h) //nolint:forcetypeassert // checked by type
	case llmChainPointer:
		return byEvents(name, v.Interface().(*lcchains.LLMChain), h) //nolint:forcetypeassert // checked by type
	case chainInterface:
		c := v.Interface().(lcchains.Chain) //nolint:forcetypeassert // checked by type
		if _, done := c.(*chain); done {
			return c
		}
		if t := genai.TypeName(c); t != llmChainStruct.Name() {
			name = t
		}
		return Instrument(c, h, WithName(name))
	}
	return nil
}

// byEvents instruments an LLMChain in a place that takes no other type: no
// wrapper can stand there, but the chain's own callback handler can, and the
// model inside finds the chain's span by the goroutine.
func byEvents(name string, c *lcchains.LLMChain, h *callbacks.Handler) *lcchains.LLMChain {
	cp := *c
	cp.LLM = models.Wrap(c.LLM, h)
	cp.CallbacksHandler = h.As(callbacks.KindTask, name, c.CallbacksHandler)
	return &cp
}
