// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"context"

	"github.com/spanloom/spanloom/callbacks"
)

// Workflow runs fn inside a span "invoke_workflow {name}": the root of a
// request. Everything fn does with the context it is given becomes part of the
// tree, and trace.SpanFromContext(ctx) is the workflow's span, for attributes
// of yours. Inside another operation it is a task. The result and the error are
// fn's; with a nil handler fn just runs.
func Workflow[T any](ctx context.Context, h *callbacks.Handler, name string, fn func(context.Context) (T, error)) (T, error) {
	return run(ctx, h, callbacks.KindWorkflow, name, fn)
}

// Task runs fn inside a span "execute_task {name}": a step of a workflow. See
// [Workflow].
func Task[T any](ctx context.Context, h *callbacks.Handler, name string, fn func(context.Context) (T, error)) (T, error) {
	return run(ctx, h, callbacks.KindTask, name, fn)
}

// DoWorkflow is [Workflow] for a function without a result.
func DoWorkflow(ctx context.Context, h *callbacks.Handler, name string, fn func(context.Context) error) error {
	return do(ctx, h, callbacks.KindWorkflow, name, fn)
}

// DoTask is [Task] for a function without a result.
func DoTask(ctx context.Context, h *callbacks.Handler, name string, fn func(context.Context) error) error {
	return do(ctx, h, callbacks.KindTask, name, fn)
}

func do(ctx context.Context, h *callbacks.Handler, kind callbacks.Kind, name string, fn func(context.Context) error) error {
	ctx, span := h.Start(ctx, kind, name)
	defer span.End(callbacks.ErrUnwound)
	err := fn(ctx)
	span.End(err)
	return err
}

func run[T any](ctx context.Context, h *callbacks.Handler, kind callbacks.Kind, name string, fn func(context.Context) (T, error)) (T, error) {
	ctx, span := h.Start(ctx, kind, name)
	defer span.End(callbacks.ErrUnwound)
	out, err := fn(ctx)
	if span != nil && err == nil {
		span.SetOutput(out)
	}
	span.End(err)
	return out, err
}
