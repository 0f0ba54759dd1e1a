// SPDX-License-Identifier: Apache-2.0

package agents_test

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
)

// totals are what random programs did.
type totals struct{ spans, chats, panics, fallbacks, wrong int }

func (t *totals) add(o totals) {
	t.spans += o.spans
	t.chats += o.chats
	t.panics += o.panics
	t.fallbacks += o.fallbacks
	t.wrong += o.wrong
}

var idPattern = regexp.MustCompile(`run-\d+(?:-doc\d+)?x`)

// idsIn lists the distinct ids of a text.
func idsIn(text string) string {
	found := idPattern.FindAllString(text, -1)
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " ")
}

// programOf is the id of the program that a text belongs to. An agent's prompts have
// those of its tools, too, which are younger.
func programOf(text string) string {
	var ids []int
	for _, id := range idPattern.FindAllString(text, -1) {
		number, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(id, "run-"), "x"), "-doc")
		n, _ := strconv.Atoi(number)
		ids = append(ids, n)
	}
	if len(ids) == 0 {
		return ""
	}
	return "run-" + strconv.Itoa(slices.Min(ids)) + "x"
}

// input is what an operation was given, as its span has it.
func input(s sdktrace.ReadOnlySpan) string {
	return cmp.Or(oteltest.Value(s, semconv.InputMessages), oteltest.Value(s, semconv.TraceloopEntityInput),
		oteltest.Value(s, semconv.ToolCallArguments), oteltest.Value(s, semconv.RetrievalQueryText))
}

// check compares the spans of a round with the truth.
func (w *world) check(t *testing.T, spans []sdktrace.ReadOnlySpan) (sum totals) {
	t.Helper()
	byID := map[string]sdktrace.ReadOnlySpan{}
	for _, s := range spans {
		id := s.SpanContext().SpanID().String()
		assert.Nil(t, byID[id], "span %s ended twice", id)
		byID[id] = s
	}
	chats, tools := map[string]int{}, map[string]int{}
	for _, s := range spans {
		text := input(s)
		require.NotEmpty(t, idsIn(text), s.Name())
		switch {
		case strings.HasPrefix(s.Name(), "chat"):
			chats[idsIn(text)]++
			sum.chats++
		case strings.HasPrefix(s.Name(), "execute_tool"):
			tools[idsIn(text)]++
		}
		if problem := w.parentProblem(s, text, byID[s.Parent().SpanID().String()]); problem != "" {
			sum.wrong++
			t.Errorf("%s of %s: %s", s.Name(), idsIn(text), problem)
		}
	}
	assert.Empty(t, difference(w.chats, chats), "every model call is one chat span")
	assert.Empty(t, difference(w.tools, tools), "every tool call is one tool span")
	sum.spans = len(spans)
	return sum
}

// parentProblem says what is wrong with a span's parent, which is nil if none was
// found.
func (w *world) parentProblem(s sdktrace.ReadOnlySpan, text string, parent sdktrace.ReadOnlySpan) string {
	own := programOf(text)
	want, isChat := w.want[own], strings.HasPrefix(s.Name(), "chat")
	if parent == nil {
		switch {
		case s.Parent().IsValid():
			return "its parent never ended"
		case isChat && !w.bare[own]:
			return "nothing is around it"
		case want != "":
			return "it is a root, not below " + want
		}
		return ""
	}
	above := input(parent)
	if strings.HasPrefix(parent.Name(), "chat") || strings.HasPrefix(parent.Name(), "retrieval") {
		return "it is below " + parent.Name() + " of " + idsIn(above) + ", in which nothing runs"
	}
	switch programOf(above) {
	case own:
		// The chain of a model call was given the same document.
		if w.bare[own] || isChat && strings.Contains(idsIn(text), "doc") && !strings.Contains(idsIn(above), idsIn(text)) {
			return "it is below " + parent.Name() + " of " + idsIn(above)
		}
		return ""
	case want:
		if isChat && !w.bare[own] {
			return "its own chain is not around it"
		}
		return ""
	}
	return "it is below " + parent.Name() + " of " + idsIn(above) + ", not of " + cmp.Or(want, "none")
}
