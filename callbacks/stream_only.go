// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"errors"

	"go.opentelemetry.io/otel"
)

var errStreamOnly = errors.New("callbacks: langchaingo passes nothing but the chunks of a stream to a handler that is given by " +
	"chains.WithCallback to a call, or to an agent: it turns streaming on and makes no span. " +
	"Use chains.Instrument or agents.Instrument, or set the field CallbacksHandler of the LLMChain or the Executor")

// reportStreamOnly tells once that chunks come although no event has opened anything.
func (h *Handler) reportStreamOnly() {
	h.streamOnly.Do(func() { otel.Handle(errStreamOnly) })
}
