// SPDX-License-Identifier: Apache-2.0

//go:build integration

package browser

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/traceview"
)

// generated are spans of a random trace, and what the page must show of them.
type generated struct {
	stubs tracetest.SpanStubs
	// names and parents are in the order of the tree; a root's parent is "".
	names, parents               []string
	calls, input, output, failed int
}

func spanContext(span int) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{0xff, byte(span >> 16), byte(span >> 8), byte(span)}})
}

// generate makes a tree of n spans: each has up to five children, which start in order.
func generate(n int) *generated {
	g := &generated{}
	random := rand.New(rand.NewPCG(1, 2)) // the same tree in each run
	g.add(random, n, "", trace.SpanContext{}, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), time.Minute)
	random.Shuffle(n, func(i, j int) { g.stubs[i], g.stubs[j] = g.stubs[j], g.stubs[i] })
	return g
}

func (g *generated) add(random *rand.Rand, n int, parent string, above trace.SpanContext, start time.Time, took time.Duration) {
	stub := tracetest.SpanStub{
		Name: fmt.Sprintf("span %d", len(g.stubs)), SpanContext: spanContext(len(g.stubs)), Parent: above,
		StartTime: start, EndTime: start.Add(took),
	}
	if random.IntN(3) == 0 {
		in, out := random.IntN(1000)+1, random.IntN(100)+1
		stub.Attributes = []attribute.KeyValue{
			attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.request.model", fmt.Sprintf("model %d", random.IntN(4))),
			attribute.Int("gen_ai.usage.input_tokens", in), attribute.Int("gen_ai.usage.output_tokens", out),
		}
		g.calls, g.input, g.output = g.calls+1, g.input+in, g.output+out
	}
	if random.IntN(50) == 0 {
		stub.Status = sdktrace.Status{Code: codes.Error, Description: "out of order"}
		g.failed++
	}
	g.stubs, g.names, g.parents = append(g.stubs, stub), append(g.names, stub.Name), append(g.parents, parent)
	rest := n - 1
	slot := took / 6
	for i := 0; rest > 0; i++ {
		share := rest
		if i < 4 {
			share = random.IntN(rest) + 1
		}
		g.add(random, share, stub.Name, stub.SpanContext, start.Add(time.Duration(i)*slot+time.Duration(i+1)), slot)
		rest -= share
	}
}

func TestFiveThousandSpans(t *testing.T) {
	g := generate(5000)
	b := newTab(t)
	_, err := chromedp.Call(b.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	require.NoError(t, err)
	b.openSpans(g.stubs.Snapshots())
	opened := eval[float64](b, `new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))`)
	// The time of the thread does not depend on what else the machine does.
	var busy float64
	metrics, err := chromedp.Call(b.ctx, performance.GetMetrics, cdp.Empty{})
	require.NoError(t, err)
	for _, m := range metrics.Metrics {
		if m.Name == "TaskDuration" {
			busy = m.Value
		}
	}
	t.Logf("5,000 spans are on the screen after %.0f ms; the page's thread was busy for %.0f ms of them", opened, 1000*busy)
	assert.Positive(t, busy)
	assert.Less(t, busy, 2.0)

	type row struct {
		Name  string
		Level int
	}
	rows := eval[[]row](b, `[...document.querySelectorAll("[role=row]")].map((r) => ({ name: r.querySelector("bdi").textContent, level: Number(r.ariaLevel) }))`)
	require.Len(t, rows, 5000)
	var names, parents, above []string
	for _, r := range rows {
		above = append(above[:r.Level-1], r.Name)
		names = append(names, r.Name)
		parent := ""
		if r.Level > 1 {
			parent = above[r.Level-2]
		}
		parents = append(parents, parent)
	}
	assert.Equal(t, g.names, names)
	assert.Equal(t, g.parents, parents)

	totals := eval[map[string]string](b, `Object.fromEntries([...document.querySelectorAll("#totals div")].map((d) => [d.querySelector("dt").textContent, d.querySelector("dd").textContent.replaceAll(",", "")]))`)
	delete(totals, "started")
	assert.Equal(t, map[string]string{
		"duration": "1m 0.0s", "spans": "5000", "model calls": fmt.Sprint(g.calls), "cost": "-",
		"tokens": fmt.Sprintf("%d → %d", g.input, g.output), "errors": fmt.Sprint(g.failed),
	}, totals)
	calls := eval[int](b, `[...document.querySelectorAll("#usage table:first-child tbody tr")].reduce((n, r) => n + Number(r.cells[1].textContent.replaceAll(",", "")), 0)`)
	assert.Equal(t, g.calls, calls)

	b.set("search", "span 4999")
	assert.Equal(t, "1 of 5,000 spans", eval[string](b, `document.getElementById("matches").textContent`))
	b.clean()
}

func TestOneSpanAndNone(t *testing.T) {
	b := newTab(t)
	b.openSpans(generate(1).stubs.Snapshots())
	assert.Equal(t, "span 0", eval[string](b, `document.querySelector("[role=row][aria-selected=true] bdi").textContent`))
	b.openSpans(nil)
	assert.Contains(t, eval[string](b, `document.body.innerText`), "No traces")
	b.axe()
	b.clean()
}

func TestKeyboard(t *testing.T) {
	b := newTab(t)
	b.openSpans(sample(t).Spans())
	chooser := eval[[]string](b, `[...document.getElementById("traces").options].map((o) => o.textContent)`)
	assert.Len(t, chooser, 5, "there are five traces to choose from")
	b.do(chromedp.Focus(chromedp.ID("traces")))
	b.press("\t", "\t", "\t", "\t")
	focused := func() string {
		return eval[string](b, `((e) => e.querySelector("bdi")?.textContent || e.id)(document.activeElement)`)
	}
	b.press(kb.Escape)
	assert.Equal(t, "invoke_workflow ingest", focused())

	b.set("traces", "4")
	b.press(kb.Escape)
	assert.Equal(t, "invoke_workflow support", focused())
	b.press(kb.ArrowDown)
	assert.Equal(t, "retrieval docs", focused())
	assert.Equal(t, "retrieval docs", eval[string](b, `document.querySelector("#details h2").textContent`))
	shown := func() int {
		return eval[int](b, `[...document.querySelectorAll("[role=row]")].filter((r) => r.checkVisibility()).length`)
	}
	all := shown()
	b.press(kb.ArrowLeft)
	assert.Equal(t, all-2, shown(), "the search and its embeddings are folded away")
	assert.Equal(t, "false", eval[string](b, `document.activeElement.ariaExpanded`))
	b.press(kb.ArrowRight)
	assert.Equal(t, all, shown())
	b.press(kb.End)
	assert.Equal(t, "chat gpt-4o-mini", focused())

	ruler := `[...document.querySelectorAll("#ruler span")].map((s) => s.textContent).join(" ")`
	wide := eval[string](b, ruler)
	b.press("z")
	assert.NotEqual(t, wide, eval[string](b, ruler))
	assert.Equal(t, 0, eval[int](b, `Math.round(document.querySelector("[role=row]:last-child .bar").getBoundingClientRect().left - document.querySelector("#ruler").getBoundingClientRect().left)`))
	b.press("0")
	assert.Equal(t, wide, eval[string](b, ruler))

	b.press(kb.Enter)
	assert.Equal(t, "details", focused())
	b.press("/")
	assert.Equal(t, "search", focused())
	b.set("search", "") // the protocol types the slash even where a page prevents it
	b.press("e", "m", "b", "e", "d")
	assert.Equal(t, 4, shown(), "the embeddings and the three above")
	b.press(kb.Escape)
	assert.Equal(t, "embeddings text-embedding-3-small", focused(), "what was selected is not shown now")

	b.set("search", "failed documents")
	assert.Equal(t, 0, shown(), "names of fields are no texts")
	b.set("search", "")
	b.set("traces", "3")
	b.do(chromedp.Click(chromedp.ID("collapse")))
	b.press(kb.Escape, kb.Home, "e")
	assert.Equal(t, "chat gpt-4o-mini", focused(), "the next error, which was folded away")
	b.clean()
}

func TestCopy(t *testing.T) {
	b := newTab(t)
	b.openSpans(generate(1).stubs.Snapshots())
	eval[bool](b, `!!Object.defineProperty(navigator, "clipboard", { value: { writeText: (text) => { window.copied = text; } }, configurable: true })`)
	b.do(chromedp.Click(chromedp.CSS("#details button")))
	b.until(`document.querySelector("#details button").textContent === "Copied"`)
	assert.Equal(t, "span 0", eval[string](b, `JSON.parse(window.copied).name`))
	eval[bool](b, `!!Object.defineProperty(navigator, "clipboard", { value: undefined })`)
	b.do(chromedp.Click(chromedp.CSS("#details button")))
	b.until(`document.querySelector("#details button") === null`)
	assert.Equal(t, "span 0", eval[string](b, `JSON.parse(document.querySelector("#details .block").textContent).name`), "without a clipboard the text is shown")
	b.clean()
}

func TestDragOverTheRuler(t *testing.T) {
	b := newTab(t)
	b.openSpans(generate(20).stubs.Snapshots())
	const first = `document.querySelector("#ruler span").textContent`
	assert.Equal(t, "0µs", eval[string](b, first))
	box := eval[map[string]float64](b, `document.getElementById("ruler").getBoundingClientRect().toJSON()`)
	y := box["top"] + 10
	b.do(chromedp.DragAndDropXY(box["left"]+box["width"]/2, y, box["left"]+box["width"]*3/4, y))
	assert.Equal(t, "30.00s", eval[string](b, first), "the second half of a minute")
	b.do(chromedp.Click(chromedp.ID("reset")))
	assert.Equal(t, "0µs", eval[string](b, first))
	b.clean()
}

func TestThemes(t *testing.T) {
	b := newTab(t)
	b.openSpans(sample(t).Spans())
	light := func() float64 {
		return eval[float64](b, `getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((n, c) => n + Number(c), 0) / 765`)
	}
	b.theme("light")
	assert.Greater(t, light(), 0.9)
	b.theme("dark")
	assert.Less(t, light(), 0.2)
}

// The first letter of an Arabic text is right of its last one, in a page that is English.
func TestRightToLeft(t *testing.T) {
	b := newTab(t)
	b.openSpans(sample(t).Spans())
	b.set("traces", "2")
	for _, row := range []string{"invoke_workflow support", "chat gpt-4o-mini", "retrieval docs"} {
		eval[bool](b, fmt.Sprintf(`[...document.querySelectorAll("[role=row]")].find((r) => r.textContent.includes(%q)).click() || true`, row))
		texts := eval[[]bool](b, `[...document.querySelectorAll("#details .text")].filter((p) => /^[\u0600-\u06ff]/.test(p.textContent)).map((p) => {
			const at = (i) => { const r = new Range(); r.setStart(p.firstChild, i); r.setEnd(p.firstChild, i + 1); return r.getBoundingClientRect(); };
			const box = p.getBoundingClientRect();
			return at(0).left > at(10).left && box.right - at(0).right < 20;
		})`)
		assert.NotEmpty(t, texts, row)
		assert.NotContains(t, texts, false, row)
	}
	b.clean()
}

// evil has scripts for every place where text could turn into a page.
const evil = `</script><script>window.ran=1;alert(1)</script><img src=x onerror="window.ran=1;alert(2)"><svg onload=alert(3)>javascript:alert(4)<!--]]>'"` + "`${alert(5)}`" + `{{alert(6)}}</title></style></textarea>`

func TestPlantedScripts(t *testing.T) {
	r := traceview.NewRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r)).Tracer("t")
	messages := fmt.Sprintf(`[{"role":%q,"parts":[{"type":"text","content":%q},{"type":%q,"name":%q,"id":%q,"arguments":{%q:%q}}],"finish_reason":%q}]`,
		evil, evil, evil, evil, evil, evil, evil, evil)
	_, s := tracer.Start(t.Context(), evil, trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.request.model", evil), attribute.String("session.id", evil),
		attribute.String("gen_ai.workflow.name", evil), attribute.String("gen_ai.input.messages", messages), attribute.String("gen_ai.output.messages", messages),
		attribute.String("gen_ai.retrieval.documents", fmt.Sprintf(`[{"id":%q,"content":%q,"score":1,"metadata":{%q:%q}}]`, evil, evil, evil, evil)),
		attribute.String("gen_ai.retrieval.query.text", evil), attribute.String("output.value", evil), attribute.String(evil, evil), attribute.StringSlice("list", []string{evil})))
	s.AddEvent(evil, trace.WithAttributes(attribute.String(evil, evil)))
	s.SetStatus(codes.Error, evil)
	s.End()

	b := newTab(t)
	elements := `document.querySelectorAll("img, svg, script:not([id=data])").length`
	b.openList(r)
	assert.Equal(t, evil, eval[string](b, `document.querySelector("#traces tbody a").textContent`))
	assert.Equal(t, 1, eval[int](b, elements))
	b.follow("#traces tbody a")
	assert.Equal(t, evil, eval[string](b, `document.querySelector("#details h2").textContent`))
	assert.Equal(t, 1, eval[int](b, elements))
	assert.False(t, eval[bool](b, `"ran" in window`))
	b.openSpans(r.Spans())
	assert.Equal(t, evil, eval[string](b, `document.querySelector("#details .error").textContent`))
	b.clean()

	// The policy holds also where a script gets into the page.
	eval[bool](b, `document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran=1'>") || true`)
	assert.False(t, eval[bool](b, `new Promise((done) => setTimeout(() => done("ran" in window), 100))`))
}

// axe fails for what the checker calls serious or critical.
func (b *tab) axe() {
	b.t.Helper()
	source, err := os.ReadFile(filepath.Join(tools(b.t), "browser", "node_modules", "axe-core", "axe.min.js"))
	require.NoError(b.t, err)
	b.do(chromedp.Evaluate[chromedp.Void](string(source)))
	found := eval[[]string](b, `axe.run().then((r) => r.violations.filter((v) => ["serious", "critical"].includes(v.impact)).flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html.slice(0, 200) + " " + n.failureSummary)))`)
	assert.Empty(b.t, found)
}

func TestAccessibility(t *testing.T) {
	r := sample(t)
	b := newTab(t)
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{1440, 390} {
			b.theme(theme)
			b.size(width, 900)
			fits := func() {
				assert.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), width, "nothing is cut off")
			}
			b.openList(r)
			eval[bool](b, `document.getElementById("usage").open = true`)
			b.axe()
			fits()
			b.openSpans(r.Spans())
			eval[bool](b, `document.getElementById("usage").open = true`)
			for i := range 5 {
				b.set("traces", fmt.Sprint(i))
				b.axe()
			}
			eval[bool](b, `[...document.querySelectorAll(".row.chat")].at(-1).click() || true`)
			b.axe()
			eval[bool](b, `document.querySelector(".row.retrieval").click() || true`)
			b.axe()
			fits()
		}
	}
	b.clean()
}
