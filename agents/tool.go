// SPDX-License-Identifier: Apache-2.0

package agents

import (
	"context"

	lctools "github.com/tmc/langchaingo/tools"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/internal/semconv"
)

// WrapTool returns a tool that does what t does and records each call as
// "execute_tool {name}", with arguments and result as content. Name,
// description, results, errors and panics are t's own. With a nil handler or a
// nil t it returns t.
//
// If t also has h as its callback handler, the two make one span.
func WrapTool(t lctools.Tool, h *callbacks.Handler) lctools.Tool {
	if t == nil || h == nil {
		return t
	}
	if w, ok := t.(*tool); ok && w.h == h {
		return w
	}
	return &tool{inner: t, h: h}
}

type tool struct {
	inner lctools.Tool
	h     *callbacks.Handler
}

var _ lctools.Tool = (*tool)(nil)

// Unwrap returns the tool inside.
func (t *tool) Unwrap() lctools.Tool { return t.inner }

// Name implements tools.Tool.
func (t *tool) Name() string { return t.inner.Name() }

// Description implements tools.Tool.
func (t *tool) Description() string { return t.inner.Description() }

// Call implements tools.Tool.
func (t *tool) Call(ctx context.Context, input string) (string, error) {
	id := toolCallID(t.h.Current(ctx), t.inner.Name(), input)
	ctx, span := t.h.Start(ctx, callbacks.KindTool, t.inner.Name(), semconv.ToolType.String("function"))
	defer span.End(callbacks.ErrUnwound)
	if span != nil {
		if providers.IsCode(id) {
			span.SetAttributes(semconv.ToolCallID.String(id))
		}
		span.SetInput(input)
		if span.IsRecording() {
			span.SetInput(content.ToolDescription(t.inner.Description()))
		}
	}
	result, err := t.inner.Call(ctx, input)
	if span != nil && err == nil {
		span.SetOutput(result)
	}
	span.End(err)
	return result, err
}
