// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/terminal"
)

// span is a finished span and its attributes by key.
type span struct {
	sdktrace.ReadOnlySpan
	attrs attribute.Set
}

func spanOf(s sdktrace.ReadOnlySpan) span {
	return span{s, attribute.NewSet(s.Attributes()...)}
}

func (s span) value(key attribute.Key) (attribute.Value, bool) { return s.attrs.Value(key) }

func (s span) text(key attribute.Key) string {
	v, _ := s.attrs.Value(key)
	return v.AsString()
}

func (s span) count(key attribute.Key) (int64, bool) {
	v, ok := s.attrs.Value(key)
	return v.AsInt64(), ok
}

func (s span) traceID() trace.TraceID { return s.SpanContext().TraceID() }

func (s span) duration() time.Duration { return s.EndTime().Sub(s.StartTime()) }

func (s span) failed() bool { return s.Status().Code == codes.Error }

func (s span) retries() (n int64) {
	for _, e := range s.Events() {
		if e.Name == genai.RetryEvent {
			n++
		}
	}
	return n
}

// failure is the error of a span that has one.
func (s span) failure() string {
	if !s.failed() {
		return ""
	}
	return strings.TrimSpace("ERROR " + terminal.Isolate(terminal.Line(s.Status().Description)))
}

// facts are the tokens, cost, retries and counts of a span.
func (s span) facts() string {
	var parts []string
	in, okIn := s.inputTokens()
	out, okOut := s.outputTokens()
	if okIn || okOut {
		parts = append(parts, fmt.Sprintf("%d → %d tokens", in, out))
	}
	if usd, ok := s.cost(); ok && usd > 0 {
		parts = append(parts, terminal.Dollars(usd))
	}
	if n := s.retries(); n > 0 {
		parts = append(parts, plural(n, "retry", "retries"))
	}
	if n, ok := s.count(semconv.RetrievalDocumentCount); ok {
		parts = append(parts, plural(n, "document", "documents"))
	}
	if n, ok := s.count(semconv.EmbeddingsBatchSize); ok {
		parts = append(parts, plural(n, "text", "texts"))
	}
	return strings.Join(parts, gap)
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
