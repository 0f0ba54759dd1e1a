// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/traceview"
)

func filesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func TestPagesKeepTheNewest(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "pages")
	p, err := traceview.NewPages(folder, 2)
	require.NoError(t, err)
	assert.Empty(t, filesIn(t, folder))
	const mine = "20200101T000000.000Z-notes.html"
	require.NoError(t, os.WriteFile(filepath.Join(folder, mine), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "20200101T000000.000Z-0af7651916cd43dd8448eb211c80319c.html"), nil, 0o600))

	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
	var want []string
	start := time.Date(2026, 1, 2, 15, 4, 5, 0, time.FixedZone("east", 3600))
	for i := range 4 {
		_, s := tp.Tracer("t").Start(t.Context(), fmt.Sprintf("request %d", i), trace.WithTimestamp(start.Add(time.Duration(i)*time.Millisecond)))
		s.End()
		want = append(want, fmt.Sprintf("20260102T140405.%03dZ-%s.html", i, s.SpanContext().TraceID()))
	}
	require.NoError(t, tp.ForceFlush(t.Context()))
	assert.Equal(t, append([]string{mine}, want[2:]...), filesIn(t, folder), "the newest two, and what is not ours")
	page, err := os.ReadFile(filepath.Join(folder, want[3]))
	require.NoError(t, err)
	assert.Equal(t, "request 3", data(t, string(page))[0].Name)
	info, err := os.Stat(filepath.Join(folder, want[3]))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, tp.Shutdown(t.Context()))
}

func TestPagesInABadFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, folder := range []string{file, filepath.Join(file, "below"), ""} {
		_, err := traceview.NewPages(folder, 1)
		require.ErrorContains(t, err, "traceview: ", folder)
	}
}

// A folder that is lost later is told to the error handler, and nothing else happens.
func TestPagesWithoutTheirFolder(t *testing.T) {
	errs := make(chan error, 1)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { errs <- err }))
	folder := filepath.Join(t.TempDir(), "pages")
	p, err := traceview.NewPages(folder, 1)
	require.NoError(t, err)
	require.NoError(t, os.Remove(folder))
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p)).Tracer("t")
	_, s := tracer.Start(t.Context(), "s")
	s.End()
	require.NoError(t, p.ForceFlush(t.Context()))
	assert.ErrorIs(t, <-errs, os.ErrNotExist)
}
