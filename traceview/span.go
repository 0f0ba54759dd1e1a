// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
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

// note is what a line of the tree tells beside the name and the time.
func (s span) note() string {
	note := s.facts()
	if s.failed() {
		note += "  " + strings.TrimSpace("ERROR "+line(s.Status().Description))
	}
	return strings.TrimSpace(note)
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
		parts = append(parts, dollars(usd))
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
	return strings.Join(parts, "  ")
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func dollars(usd float64) string { return fmt.Sprintf("$%.6f", usd) }

// duration prints a duration with three or four digits.
func duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
