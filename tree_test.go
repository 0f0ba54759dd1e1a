// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
)

func oneTrace(t *testing.T, opts ...spanloom.Option) {
	t.Helper()
	shutdown, err := spanloom.Init(t.Context(), append(opts, spanloom.WithoutExport())...)
	require.NoError(t, err)
	h, err := callbacks.NewHandler(callbacks.WithTracerProvider(otel.GetTracerProvider()))
	require.NoError(t, err)
	ctx, flow := h.Start(t.Context(), callbacks.KindWorkflow, "ask")
	_, chat := h.Start(ctx, callbacks.KindChat, "model")
	chat.End(nil)
	flow.End(nil)
	require.NoError(t, shutdown(context.WithoutCancel(t.Context())))
}

func TestWithTree(t *testing.T) {
	var b bytes.Buffer
	oneTrace(t, spanloom.WithTree(&b))
	assert.Regexp(t, `^trace [0-9a-f]{32}\ninvoke_workflow ask  █+ .*\n└─ chat model`, b.String())
}

func TestTreeByTheEnvironment(t *testing.T) {
	t.Setenv("SPANLOOM_TREE", "1")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stderr := os.Stderr
	os.Stderr = w
	defer func() { os.Stderr = stderr }()
	oneTrace(t)
	os.Stderr = stderr
	require.NoError(t, w.Close())
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	require.NoError(t, err)
	assert.Contains(t, b.String(), "└─ chat model")
}

func TestPagesByTheEnvironment(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "pages")
	t.Setenv("SPANLOOM_TRACE_HTML", folder)
	oneTrace(t)
	pages, err := filepath.Glob(filepath.Join(folder, "*.html"))
	require.NoError(t, err)
	require.Len(t, pages, 1)
	assert.Contains(t, read(t, pages[0]), "invoke_workflow ask")
}

func TestTreeBesideOwnTraces(t *testing.T) {
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithTree(&bytes.Buffer{}), spanloom.WithOwnTraces())
	require.ErrorContains(t, err, "WithTree")
	require.NoError(t, shutdown(t.Context()))
}
