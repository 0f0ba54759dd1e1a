// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/correlate"
)

// advice tells OpenTelemetry's error handler, once each, where the Handler is
// registered so that no tree can come of it.
type advice struct {
	streamOnly, split sync.Once
	// roots counts the root operations that were looked at.
	roots atomic.Int32
}

var errStreamOnly = errors.New("callbacks: langchaingo passes nothing but the chunks of a stream to a handler that is given by " +
	"chains.WithCallback to a call, or to an agent: it turns streaming on and makes no span. " +
	"Use chains.Instrument or agents.Instrument, or set the field CallbacksHandler of the LLMChain or the Executor")

// streams is called for a chunk although no event has opened anything.
func (a *advice) streams() {
	a.streamOnly.Do(func() { otel.Handle(errStreamOnly) })
}

// maxRoots bounds how many root operations are looked at, since that costs time.
const maxRoots = 100

// root is called for an event's operation without one around it. A chain around it that
// fires no events leaves a request in several traces, unless a span in ctx holds them
// together.
func (a *advice) root(ctx context.Context, stack *correlate.Stack) {
	if a.roots.Load() >= maxRoots || trace.SpanContextFromContext(ctx).IsValid() {
		return
	}
	a.roots.Add(1)
	around, ok := strings.CutPrefix(stack.Outermost(correlate.Eventless), langchaingoChains)
	if !ok {
		return
	}
	a.split.Do(func() {
		around = strings.Trim(strings.TrimSuffix(around, ".Call"), "(*)")
		otel.Handle(fmt.Errorf("callbacks: langchaingo's %s takes no handler, so that each operation inside it that has one is a trace of its own. "+
			"For one tree write chains.Instrument(chain, handler), or chains.Workflow(ctx, handler, name, ...) around the request", around))
	})
}
