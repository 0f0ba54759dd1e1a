// SPDX-License-Identifier: Apache-2.0

// Package spantree renders finished spans as a tree, for golden files.
package spantree

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options say what a line shows beside the span's name.
type Options struct {
	// Kinds shows the span kind.
	Kinds bool
	// Attributes lists the keys to show, in this order, those that are set.
	Attributes []attribute.Key
	// AllAttributes shows every attribute, sorted by key, below the span.
	AllAttributes bool
	// Note adds free text to a line.
	Note func(sdktrace.ReadOnlySpan) string
	// Durations formats durations; nil leaves them out.
	Durations func(time.Duration) string
}

// Node is a span with its children, in order of start.
type Node struct {
	Span     sdktrace.ReadOnlySpan
	Children []*Node
}

// Build arranges spans by parent. A span whose parent is not among them is a
// root. Roots and children are ordered by start time, those of equal time as given.
func Build(spans []sdktrace.ReadOnlySpan) []*Node {
	nodes := make(map[trace.SpanID]*Node, len(spans))
	for _, s := range spans {
		nodes[s.SpanContext().SpanID()] = &Node{Span: s}
	}
	var roots []*Node
	for _, s := range spans {
		n := nodes[s.SpanContext().SpanID()]
		if p, ok := nodes[s.Parent().SpanID()]; ok && s.Parent().TraceID() == s.SpanContext().TraceID() {
			p.Children = append(p.Children, n)
		} else {
			roots = append(roots, n)
		}
	}
	sortNodes(roots)
	for _, n := range nodes {
		sortNodes(n.Children)
	}
	return roots
}

func sortNodes(ns []*Node) {
	slices.SortStableFunc(ns, func(a, b *Node) int { return a.Span.StartTime().Compare(b.Span.StartTime()) })
}

// Render draws the tree.
func Render(spans []sdktrace.ReadOnlySpan, o Options) string {
	var b strings.Builder
	for _, root := range Build(spans) {
		b.WriteString(o.line(root.Span, ""))
		o.details(&b, root.Span, "")
		o.children(&b, root, "")
	}
	return b.String()
}

func (o Options) children(b *strings.Builder, n *Node, indent string) {
	for i, c := range n.Children {
		branch, next := "├─ ", "│  "
		if i == len(n.Children)-1 {
			branch, next = "└─ ", "   "
		}
		b.WriteString(o.line(c.Span, indent+branch))
		o.details(b, c.Span, indent+next)
		o.children(b, c, indent+next)
	}
}

func (o Options) line(s sdktrace.ReadOnlySpan, indent string) string {
	parts := []string{s.Name()}
	if o.Kinds {
		parts = append(parts, s.SpanKind().String())
	}
	if o.Durations != nil {
		parts = append(parts, o.Durations(s.EndTime().Sub(s.StartTime())))
	}
	for _, key := range o.Attributes {
		if v, ok := Attribute(s, key); ok {
			parts = append(parts, fmt.Sprintf("%s=%s", key, v.String()))
		}
	}
	if o.Note != nil {
		if note := o.Note(s); note != "" {
			parts = append(parts, note)
		}
	}
	if s.Status().Code == codes.Error {
		parts = append(parts, strings.TrimSpace("ERROR "+s.Status().Description))
	}
	return indent + strings.Join(parts, "  ") + "\n"
}

func (o Options) details(b *strings.Builder, s sdktrace.ReadOnlySpan, indent string) {
	if !o.AllAttributes {
		return
	}
	kv := slices.Clone(s.Attributes())
	slices.SortFunc(kv, func(a, b attribute.KeyValue) int { return strings.Compare(string(a.Key), string(b.Key)) })
	for _, a := range kv {
		fmt.Fprintf(b, "%s    %s: %s\n", indent, a.Key, a.Value.String())
	}
}

// Attribute returns the value of a span's attribute.
func Attribute(s sdktrace.ReadOnlySpan, key attribute.Key) (attribute.Value, bool) {
	for _, a := range s.Attributes() {
		if a.Key == key {
			return a.Value, true
		}
	}
	return attribute.Value{}, false
}
