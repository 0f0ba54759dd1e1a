// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"strings"

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
