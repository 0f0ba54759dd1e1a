// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom/internal/correlate"
)

var errStreamOnly = errors.New("callbacks: langchaingo passes nothing but the chunks of a stream to a handler that is given by " +
	"chains.WithCallback to a call, or to an agent: it turns streaming on and makes no span. " +
	"Use chains.Instrument or agents.Instrument, or set the field CallbacksHandler of the LLMChain or the Executor")

// reportStreamOnly tells once that chunks come although no event has opened anything.
func (h *Handler) reportStreamOnly() {
	h.streamOnly.Do(func() { otel.Handle(errStreamOnly) })
}

// reportRoot tells once that a chain without a handler makes several traces. The event
// that opens one of them has the call stack and the inputs.
func (h *Handler) reportRoot(stack *correlate.Stack, inputs any) {
	function := h.roots.Opened(stack, chainValues(inputs))
	if !strings.HasPrefix(function, langchaingoChains) {
		return // there is none, or it is a wrapper with another Handler
	}
	name := strings.TrimSuffix(function, ".Call")
	name = strings.Trim(name[strings.LastIndexByte(name, '.')+1:], "(*)")
	otel.Handle(fmt.Errorf("callbacks: %s of langchaingo takes no callback handler, and one call of it makes several traces. "+
		"For one trace call chains.Instrument(chain, handler), of github.com/spanloom/spanloom/chains, "+
		"or call the chain inside chains.Workflow(ctx, handler, name, …)", name))
}

// chainValues identifies the inputs or outputs of a chain. A text counts where it is
// the only value, since a SimpleSequentialChain passes only that on.
func chainValues(v any) (values correlate.Values) {
	m, ok := v.(map[string]any)
	if !ok {
		return values
	}
	values.Map = reflect.ValueOf(m).Pointer()
	if len(m) == 1 {
		for _, value := range m {
			if text, ok := value.(string); ok && text != "" {
				values.Text = uintptr(unsafe.Pointer(unsafe.StringData(text)))
			}
		}
	}
	return values
}
