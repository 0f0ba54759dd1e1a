// SPDX-License-Identifier: Apache-2.0

//go:build integration

package browser

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/integration/internal/process"
	"github.com/spanloom/spanloom/traceview"
)

// tools is where install.sh has put axe; tests are skipped with the reason it gave.
func tools(t *testing.T) string {
	t.Helper()
	dir, err := process.Tools()
	require.NoError(t, err)
	if reason, err := os.ReadFile(filepath.Join(dir, "browser.skipped")); err == nil {
		t.Skipf("no browser: %s", bytes.TrimSpace(reason))
	}
	if _, err := os.Stat(filepath.Join(dir, "browser.stamp")); err != nil {
		t.Skip(`no browser was installed; "make browser" does it`)
	}
	return dir
}

// tab is an open page, and what it complained of.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// newTab opens a tab of a headless Chromium that ends with the test.
func newTab(t *testing.T) *tab {
	t.Helper()
	chromium, err := os.ReadFile(filepath.Join(tools(t), "browser.stamp"))
	require.NoError(t, err)
	path, _, _ := bytes.Cut(chromium, []byte("\n"))
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(string(path)), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", false))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	b.size(1440, 900)
	return b
}

// listen notes what a page must not do. A dialog is left open: the test fails.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *page.EventJavascriptDialogOpening:
		b.problems = append(b.problems, "a dialog: "+e.Message)
	case *cdpruntime.EventExceptionThrown:
		b.problems = append(b.problems, "an exception: "+e.ExceptionDetails.Text)
	case *cdpruntime.EventConsoleAPICalled:
		b.problems = append(b.problems, fmt.Sprintf("console.%s: %s", e.Type, e.Args[0].Value))
	case *log.EventEntryAdded:
		b.problems = append(b.problems, "the browser's log: "+e.Entry.Text)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

func run[T any](b *tab, a chromedp.Action[T]) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, a)
	require.NoError(b.t, err)
	return value
}

func (b *tab) size(width, height int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height))
}

func (b *tab) theme(name string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	require.NoError(b.t, err)
}

// eval returns the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// until waits for an expression to be true.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.do(chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(20*time.Second)))
}

func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// set changes the value of a field, as a user does.
func (b *tab) set(id, value string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const field = document.getElementById(%q);
		field.value = %q;
		for (const event of ["input", "change"]) field.dispatchEvent(new Event(event));
	})()`, id, value)))
}

// clean fails if scripts ran that must not, or if the page complained of anything.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.t, b.problems)
}

// openSpans shows spans in the page that WriteHTML writes, read from a file.
func (b *tab) openSpans(spans []sdktrace.ReadOnlySpan) {
	b.t.Helper()
	var buffer bytes.Buffer
	require.NoError(b.t, traceview.WriteHTML(&buffer, spans))
	file := filepath.Join(b.t.TempDir(), "trace.html")
	require.NoError(b.t, os.WriteFile(file, buffer.Bytes(), 0o600))
	b.do(chromedp.Navigate("file://" + file))
}

// openList shows the list of traces.
func (b *tab) openList(r *traceview.Recorder) {
	b.t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/debug/llm/", traceview.Handler(r))
	server := httptest.NewServer(mux)
	b.t.Cleanup(server.Close)
	b.do(chromedp.Navigate(server.URL + "/debug/llm/"))
	b.until(`document.getElementById("matches").textContent !== ""`)
}

// follow clicks a link and waits for its page.
func (b *tab) follow(selector string) {
	b.t.Helper()
	_, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
	require.NoError(b.t, err)
}
