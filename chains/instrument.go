// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
)

// Instrument returns an instrumented copy of a tree of chains: c itself, and
// the chains, models and retrievers inside it. The values it is given stay as
// they are. With a nil handler or a nil c it returns c.
//
// It opens every chain type of langchaingo, also those that keep their parts in
// unexported fields, and an executor by agents.Instrument. A type of yours is not
// opened. If such a type holds a chain, a model, a retriever or a tool without a
// span, OpenTelemetry's error handler gets an error that says so, once for each type:
// wrap what it holds before you build it.
//
// Names are the chains' types, but an LLMChain has the name of the field that
// holds it: RequestChain, CondenseQuestionChain. WithName names c.
func Instrument(c lcchains.Chain, h *callbacks.Handler, opts ...Option) lcchains.Chain {
	if c == nil || h == nil {
		return c
	}
	if e, ok := c.(*lcagents.Executor); ok {
		return instrumentExecutor(e, h, opts)
	}
	if _, done := c.(*chain); !done {
		c = openParts(c, h)
		reportUnopened(c)
	}
	return Wrap(c, h, opts...)
}

func instrumentExecutor(e *lcagents.Executor, h *callbacks.Handler, opts []Option) lcchains.Chain {
	if isAgent(e, h) {
		return e
	}
	if cfg := newConfig("", opts); cfg.name != "" {
		return agents.Instrument(e, h, agents.WithName(cfg.name))
	}
	return agents.Instrument(e, h)
}

var (
	chainInterface     = reflect.TypeFor[lcchains.Chain]()
	chainList          = reflect.TypeFor[[]lcchains.Chain]()
	modelInterface     = reflect.TypeFor[llms.Model]()
	retrieverInterface = reflect.TypeFor[schema.Retriever]()
	llmChainPointer    = reflect.TypeFor[*lcchains.LLMChain]()
	llmChainStruct     = llmChainPointer.Elem()
)

// isLangchaingo reports whether the type is one of langchaingo's chains.
func isLangchaingo(t reflect.Type) bool {
	below, ok := strings.CutPrefix(t.PkgPath(), llmChainStruct.PkgPath())
	return ok && (below == "" || below[0] == '/')
}

// openParts returns a copy of one of langchaingo's chains whose parts are
// instrumented, or c if there are none to reach. Only types of langchaingo are
// copied: a user's own may hold a lock or be known by its address.
func openParts(c lcchains.Chain, h *callbacks.Handler) lcchains.Chain {
	v := reflect.ValueOf(c)
	isPointer := v.Kind() == reflect.Pointer
	if isPointer {
		if v.IsNil() {
			return c
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || !isLangchaingo(v.Type()) {
		return c
	}
	cp := reflect.New(v.Type())
	cp.Elem().Set(v)
	changed := false
	for i := range v.NumField() {
		f := cp.Elem().Field(i)
		if !f.CanSet() {
			// An unexported field of the copy. Its type says what it holds, so that
			// one that upstream renames is found, too.
			f = reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
		}
		if f.IsZero() {
			continue
		}
		if part := instrumentPart(v.Type().Field(i).Name, f, h); part != nil {
			f.Set(reflect.ValueOf(part))
			changed = true
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
	case llmChainStruct:
		c := v.Interface().(lcchains.LLMChain) //nolint:forcetypeassert // checked by type
		if c.LLM != nil {
			c.LLM = taskModel{models.Wrap(c.LLM, h), h, name}
		}
		return c
	case chainInterface:
		return instrumentChain(name, v.Interface().(lcchains.Chain), h) //nolint:forcetypeassert // checked by type
	case chainList:
		list := slices.Clone(v.Interface().([]lcchains.Chain)) //nolint:forcetypeassert // checked by type
		for i, c := range list {
			list[i] = instrumentChain(llmChainStruct.Name(), c, h)
		}
		return list
	}
	return nil
}

// instrumentChain names an LLMChain, and other chains by their types.
func instrumentChain(name string, c lcchains.Chain, h *callbacks.Handler) lcchains.Chain {
	if _, done := c.(*chain); done || c == nil {
		return c
	}
	if t := genai.TypeName(c); t == llmChainStruct.Name() {
		return Instrument(c, h, WithName(name))
	}
	return Instrument(c, h)
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

// taskModel makes a task of each call of the LLMChain that holds it. It is for chains
// that call the LLMChain's method past the events, as Constitutional does.
type taskModel struct {
	models.Model
	h    *callbacks.Handler
	name string
}

// Unwrap returns the model inside.
func (m taskModel) Unwrap() llms.Model { return m.Model }

// GenerateContent implements llms.Model.
func (m taskModel) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	ctx, span := m.h.Start(ctx, callbacks.KindTask, m.name)
	defer span.End(callbacks.ErrUnwound)
	res, err := m.Model.GenerateContent(ctx, messages, options...)
	span.End(err)
	return res, err
}
