// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

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
