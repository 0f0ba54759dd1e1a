// SPDX-License-Identifier: Apache-2.0

//go:build integration

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/traceview"
)

func TestList(t *testing.T) {
	r := traceview.NewRecorder()
	s := newShop(t, r)
	r.Reset()
	b := newTab(t)
	b.openList(r)
	assert.Equal(t, "No traces yet", eval[string](b, `document.getElementById("matches").textContent`))

	require.NoError(t, s.ask(t.Context(), "nadia", "first question", text(0, 1, 2, "an answer")))
	b.until(`document.querySelectorAll("#traces tbody tr").length === 1`)
	b.do(chromedp.Focus(chromedp.CSS("#traces tbody a")))
	focused := eval[string](b, `document.activeElement.href`)
	require.Error(t, s.ask(t.Context(), "otto", "second question", step{err: assert.AnError}))
	b.until(`document.querySelectorAll("#traces tbody tr").length === 2`)
	assert.Equal(t, focused, eval[string](b, `document.activeElement.href`), "the live list leaves the focus where it is")

	const shown = `[...document.querySelectorAll("#traces tbody .sub.text")].map((p) => p.textContent).join()`
	for id, want := range map[string]struct{ value, text string }{
		"session":  {"nadia", "first question"},
		"workflow": {"support", "second question,first question"},
		"model":    {"gpt-4o-mini", "second question,first question"},
		"search":   {"SECOND question", "second question"},
	} {
		b.set(id, want.value)
		assert.Equal(t, want.text, eval[string](b, shown), id)
		b.set(id, "")
	}
	b.do(chromedp.Click(chromedp.ID("failed")))
	assert.Equal(t, "second question", eval[string](b, shown))
	b.do(chromedp.Click(chromedp.ID("failed")))
	b.set("search", "FIRST")
	assert.Equal(t, "first question", eval[string](b, shown))
	assert.Equal(t, "1 of 2 traces", eval[string](b, `document.getElementById("matches").textContent`))

	b.follow("#traces tbody a")
	assert.Equal(t, "first question", eval[string](b, `document.querySelector("#details .text").textContent`))
	b.clean()
}
