// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom/internal/correlate"
)

func init() { correlate.Register(langchaingoRole) }

const (
	langchaingo       = "github.com/tmc/langchaingo/"
	langchaingoChains = langchaingo + "chains"
)

// eventRoles are the methods of langchaingo's callbacks.Handler that start and end.
var eventRoles = func() map[string]correlate.Role {
	roles := map[string]correlate.Role{}
	for _, operation := range []string{"LLM", "LLMGenerateContent", "Chain", "Tool", "Retriever"} {
		roles["Handle"+operation+"Start"] = correlate.StartEvent
		roles["Handle"+operation+"End"] = correlate.EndEvent
		roles["Handle"+operation+"Error"] = correlate.EndEvent
	}
	return roles
}()

// methodRoles are the methods of langchaingo's interfaces for what an operation is.
var methodRoles = map[string]correlate.Role{
	"Call":                 correlate.RunsChain,
	"GenerateContent":      correlate.RunsModel,
	"GetRelevantDocuments": correlate.RunsRetriever,
}

// langchaingoRole gives the roles of langchaingo's functions, and of those that
// implement its interfaces. A closure in a handler's method belongs to the method.
// The full method name must match: a user's (*API).HandleChainRequest is no handler,
// and an operation may start there.
func langchaingoRole(function string) correlate.Role {
	var r correlate.Role
	name := function[strings.LastIndexByte(function, '/')+1:]
	for part := range strings.SplitSeq(name, ".") {
		r |= eventRoles[strings.TrimSuffix(part, "-fm")]
	}
	r |= methodRoles[name[strings.LastIndexByte(name, '.')+1:]]
	if strings.HasPrefix(function, langchaingo) && !strings.HasPrefix(function, langchaingo+"callbacks.") {
		r |= correlate.Emitter
	}
	switch {
	case function == langchaingoChains+".Call":
		r |= correlate.ChainCaller
	case r&correlate.RunsChain != 0 && strings.HasPrefix(function, langchaingoChains) && !strings.Contains(name, "LLMChain"):
		r |= correlate.Eventless // langchaingo's other chains have no callback handler
	}
	return r
}

var errStreamOnly = errors.New("callbacks: langchaingo passes nothing but the chunks of a stream to a handler that is given by " +
	"chains.WithCallback to a call, or to an agent: it turns streaming on and makes no span. " +
	"Use chains.Instrument or agents.Instrument, or set the field CallbacksHandler of the LLMChain or the Executor")

// reportRoot tells once that a chain without a handler makes several traces. The event
// that opens one of them has the call stack and the inputs.
func (h *Handler) reportRoot(stack *correlate.Stack, inputs any) {
	values, _ := inputs.(map[string]any)
	function := h.roots.Opened(stack, values)
	if !strings.HasPrefix(function, langchaingoChains) {
		return // there is none, or it is a wrapper with another Handler
	}
	name := strings.TrimSuffix(function, ".Call")
	name = strings.Trim(name[strings.LastIndexByte(name, '.')+1:], "(*)")
	otel.Handle(fmt.Errorf("callbacks: %s of langchaingo takes no callback handler, and one call of it makes several traces. "+
		"For one trace call chains.Instrument(chain, handler), of github.com/spanloom/spanloom/chains, "+
		"or call the chain inside chains.Workflow(ctx, handler, name, …)", name))
}
