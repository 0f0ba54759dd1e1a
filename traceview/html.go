// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

//go:embed page
var files embed.FS

func file(name string) string {
	b, _ := files.ReadFile("page/" + name) // the name is one of the package's own
	return string(b)
}

// page is an HTML template with its style and its script.
type page struct {
	*template.Template
	// Policy forbids the browser all scripts and styles but the page's own, by their
	// hashes, and all requests but those named.
	Policy string
	CSS    template.CSS
	JS     template.JS
}

var (
	tracePage = pageOf("page", "")
	listPage  = pageOf("list", "; connect-src 'self'")
)

func pageOf(name, requests string) page {
	css, js := file("page.css"), file("common.js")+file(name+".js")
	return page{
		template.Must(template.New(name).Parse(file("frame.html") + file(name+".html"))),
		fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'%s", hashOf(js), hashOf(css), requests),
		template.CSS(css), template.JS(js), //nolint:gosec // the package's own files
	}
}

func hashOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// write fills the template. Data is JSON with <, > and & escaped, in an element that the
// browser does not run.
func (p page) write(w io.Writer, title string, data []byte) error {
	return p.Execute(w, map[string]any{"Title": title, "Policy": p.Policy, "CSS": p.CSS, "JS": p.JS, "Data": template.JS(data)}) //nolint:gosec // see above
}

// WriteHTML writes a page that shows the traces in a browser: a waterfall, and for
// each span its chat, documents, errors, retries and attributes. The page is one
// file, loads nothing, and needs no network.
//
// What spans hold is text on the page, whatever is in it: a content security
// policy keeps the browser from running any script but the page's own.
func WriteHTML(w io.Writer, spans []sdktrace.ReadOnlySpan) error {
	views := viewsOf(spans)
	data, err := json.Marshal(views)
	if err != nil {
		return fmt.Errorf("traceview: %w", err)
	}
	title := "Traces"
	if len(views) == 1 {
		title = views[0].Name
	}
	return tracePage.write(w, title, data)
}

// head is what the page and the list say of a trace. Times are microseconds from its start.
type head struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Start    time.Time `json:"start"`
	Duration float64   `json:"duration"`
}

func (t *traceTree) head() head {
	return head{t.roots[0].traceID().String(), t.roots[0].Name(), t.start.UTC(), micros(t.end.Sub(t.start))}
}

// byAge orders traces by their start, the oldest first.
func byAge(a, b head) int { return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID)) }

// traceView is a trace as the page gets it.
type traceView struct {
	head
	Failed bool       `json:"failed,omitempty"`
	Usage  Usage      `json:"usage"`
	Spans  []spanView `json:"spans"`
}

// spanView is a span as the page gets it, in the order of the tree.
type spanView struct {
	ID         string         `json:"id"`
	Parent     string         `json:"parent,omitempty"`
	Depth      int            `json:"depth"`
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Start      float64        `json:"start"`
	Duration   float64        `json:"duration"`
	Failed     bool           `json:"failed,omitempty"`
	Error      string         `json:"error,omitempty"`
	Note       string         `json:"note,omitempty"`
	Messages   []message      `json:"messages,omitempty"`
	Documents  []document     `json:"documents,omitempty"`
	Input      string         `json:"input,omitempty"`
	Output     string         `json:"output,omitempty"`
	Events     []eventView    `json:"events,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

type eventView struct {
	Name       string         `json:"name"`
	At         float64        `json:"at"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// viewsOf returns the traces in order of their start.
func viewsOf(spans []sdktrace.ReadOnlySpan) []traceView {
	views := []traceView{}
	for _, t := range treesOf(spans) {
		v := traceView{head: t.head(), Usage: sumOf(t).usage()}
		for _, root := range t.roots {
			v.Failed = v.Failed || root.failed()
			v.add(root, "", 0)
		}
		views = append(views, v)
	}
	slices.SortFunc(views, func(a, b traceView) int { return byAge(a.head, b.head) })
	return views
}

func (v *traceView) add(n *node, parent string, depth int) {
	s := n.span
	s.shown = map[attribute.Key]bool{}
	view := spanView{
		ID: s.SpanContext().SpanID().String(), Parent: parent, Depth: depth,
		Name: s.Name(), Kind: s.kind(), Note: s.facts(),
		Start: micros(s.StartTime().Sub(v.Start)), Duration: micros(s.duration()),
		Failed: s.failed(), Error: s.Status().Description,
		Messages: s.messages(), Documents: s.documents(),
		Input: s.take(inputKeys...), Output: s.take(outputKeys...),
	}
	if (view.Kind == "workflow" || view.Kind == "agent") && view.Input+view.Output != "" {
		view.Messages = nil // the same once more
	}
	for _, e := range s.Events() {
		view.Events = append(view.Events, eventView{e.Name, micros(e.Time.Sub(v.Start)), attributesOf(e.Attributes, nil)})
	}
	view.Attributes = attributesOf(s.attrs, s.shown)
	v.Spans = append(v.Spans, view)
	for _, c := range n.children {
		v.add(c, view.ID, depth+1)
	}
}

// attributesOf returns JSON values by key. JSON has no numbers that are infinite or
// not a number: they become texts.
func attributesOf(attrs []attribute.KeyValue, shown map[attribute.Key]bool) map[string]any {
	out := make(map[string]any, len(attrs))
	for _, a := range attrs {
		if shown[a.Key] {
			continue
		}
		value := a.Value.AsInterface()
		if _, err := json.Marshal(value); err != nil {
			value = a.Value.String()
		}
		out[string(a.Key)] = value
	}
	return out
}

func micros(d time.Duration) float64 {
	return math.Round(float64(d)/100) / 10
}
