// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/spanloom/spanloom/internal/semconv"
)

const (
	// shortestText is in bytes: shorter texts are ids and names, and stay.
	shortestText = 256
	// shortestLiteral keeps the keys of JSON.
	shortestLiteral = 64
	ellipsis        = "…"
)

var contentKeys = sync.OnceValue(func() map[attribute.Key]bool {
	keys := map[attribute.Key]bool{}
	for _, a := range semconv.Attributes() {
		keys[a.Key] = a.Content
	}
	return keys
})

// textLimits are in bytes.
type textLimits struct{ content, other int }

// shortened returns s with its longest texts cut until target bytes hold it, or
// until there is nothing more to cut. Messages and other content go first.
func shortened(s sdktrace.ReadOnlySpan, target int) (short sdktrace.ReadOnlySpan, size int) {
	limits := textLimits{math.MaxInt, math.MaxInt}
	short, size = s, spanSize(s)
	for _, limit := range []*int{&limits.content, &limits.other} {
		for *limit = max(target, shortestText); size > target; *limit /= 2 {
			short = limits.apply(s)
			size = spanSize(short)
			if *limit < 2*shortestText {
				break
			}
		}
	}
	return short, size
}

func (l textLimits) apply(s sdktrace.ReadOnlySpan) sdktrace.ReadOnlySpan {
	stub := tracetest.SpanStubFromReadOnlySpan(s)
	stub.Name, stub.Status.Description = cutText(stub.Name, l.other), cutText(stub.Status.Description, l.other)
	stub.Attributes = l.cut(stub.Attributes)
	stub.Events, stub.Links = slices.Clone(stub.Events), slices.Clone(stub.Links)
	for i := range stub.Events {
		stub.Events[i].Attributes = l.cut(stub.Events[i].Attributes)
	}
	for i := range stub.Links {
		stub.Links[i].Attributes = l.cut(stub.Links[i].Attributes)
	}
	return stub.Snapshot()
}

func (l textLimits) cut(attrs []attribute.KeyValue) []attribute.KeyValue {
	attrs = slices.Clone(attrs)
	for i, kv := range attrs {
		limit := l.other
		if contentKeys()[kv.Key] {
			limit = l.content
		}
		if kv.Value.Type() == attribute.BYTESLICE {
			b := kv.Value.AsByteSlice()
			attrs[i].Value = attribute.ByteSliceValue(b[:min(len(b), limit)])
			continue
		}
		attrs[i].Value = mapTexts(kv.Value, func(s string) string { return cutText(s, limit) })
	}
	return attrs
}

// cutText shortens s to limit bytes. JSON stays JSON where its strings are what is
// long.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	if s[0] == '[' || s[0] == '{' {
		for n := limit; n >= shortestLiteral; n /= 2 {
			if short := cutLiterals(s, n); len(short) <= limit {
				return short
			}
		}
	}
	end := limit - len(ellipsis)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}

// cutLiterals shortens each string of a JSON text to about limit bytes, and splits
// neither letters nor escapes.
func cutLiterals(s string, limit int) string {
	var b strings.Builder
	for {
		quote := strings.IndexByte(s, '"') + 1
		if quote == 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:quote])
		s = s[quote:]
		end, kept := 0, 0
		for end < len(s) && s[end] != '"' {
			if end <= limit {
				kept = end
			}
			end += unitLen(s[end:])
		}
		end = min(end, len(s))
		if end > limit {
			b.WriteString(s[:kept] + ellipsis)
		} else {
			b.WriteString(s[:end])
		}
		if s = s[end:]; s != "" {
			b.WriteByte('"')
			s = s[1:]
		}
	}
}

// unitLen is the length of the letter or the escape that s begins with.
func unitLen(s string) int {
	if s[0] != '\\' {
		_, n := utf8.DecodeRuneInString(s)
		return n
	}
	if strings.HasPrefix(s, `\u`) {
		return len(`\u0000`)
	}
	return len(`\n`)
}
