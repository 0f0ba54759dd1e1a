// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkParser has the bodies that are large, in the pieces that net/http
// reads.
func BenchmarkParser(b *testing.B) {
	bodies := []struct {
		name, contentType string
		body              []byte
	}{
		{"floats", "application/json", floats(false)},
		{"floats indented", "application/json", floats(true)},
		{"text", "application/json", []byte(`{"id":"x","choices":[{"message":{"content":"` + strings.Repeat(`It was a dark and \"stormy\" night.\n`, 1e5) + `"}}]}`)},
		{"base64", "application/json", []byte(`{"data":[{"embedding":"` + strings.Repeat("aGVsbG8=", 4e5) + `"}]}`)},
		{"events", "text/event-stream", bytes.Repeat([]byte(`data: {"id":"chatcmpl-C6bjxzOr3Oz1rTiafksd6himIit3q","object":"chat.completion.chunk","created":1755691077,"model":"gpt-3.5-turbo-0125","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"content":" then"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"rxDa"}`+"\n\n"), 1e4)},
		{"lines", "application/x-ndjson", bytes.Repeat([]byte(`{"model":"gemma3:1b","created_at":"2025-08-20T13:48:24.406712Z","message":{"role":"assistant","content":" 4"},"done":false}`+"\n"), 1e4)},
		{"ignored", "audio/mpeg", floats(false)},
	}
	for _, bb := range bodies {
		b.Run(bb.name, func(b *testing.B) { benchmark(b, bb.contentType, "", bb.body, len(bb.body)) })
	}
	b.Run("gzip", func(b *testing.B) {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		body := floats(false)
		_, _ = w.Write(body)
		_ = w.Close()
		benchmark(b, "application/json", "gzip", z.Bytes(), len(body))
	})
	b.Run("small", func(b *testing.B) {
		body := []byte(`{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi!"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`)
		benchmark(b, "application/json", "", body, len(body))
	})
}

func benchmark(b *testing.B, contentType, coding string, body []byte, size int) {
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		p := NewParser(contentType, coding)
		for chunk := range chunks(body, 16<<10) {
			p.Write(chunk)
		}
		p.Close()
	}
}

func chunks(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > n {
			if !yield(b[:n]) {
				return
			}
			b = b[n:]
		}
		yield(b)
	}
}

// floats is an answer of OpenAI's with 100 embeddings, 2 MB or so.
func floats(indent bool) []byte {
	sep := ","
	if indent {
		sep = ",\n        "
	}
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString(`{"object":"list","data":[`)
	for i := range 100 {
		if i > 0 {
			b.WriteString(sep)
		}
		fmt.Fprintf(&b, `{"object":"embedding","index":%d,"embedding":[`, i)
		for j := range 1536 {
			if j > 0 {
				b.WriteString(sep)
			}
			fmt.Fprintf(&b, "%.9g", float32(r.NormFloat64()/40))
		}
		b.WriteString("]}")
	}
	b.WriteString(`],"model":"text-embedding-ada-002-v2","usage":{"prompt_tokens":3,"total_tokens":3}}`)
	return b.Bytes()
}
