// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom/internal/correlate"
)

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
