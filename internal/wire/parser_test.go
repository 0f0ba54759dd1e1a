// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
)

func TestShapes(t *testing.T) {
	for _, tt := range shapes {
		tt.want.Complete = true
		tt.want.Failure = cmp.Or(tt.want.Failure, tt.want.ErrorCode)
		t.Run(tt.name, func(t *testing.T) {
			body := []byte(tt.body)
			assert.Equal(t, tt.want, parse(tt.contentType, "", [][]byte{body}), "whole")
			assert.Equal(t, tt.want, parse(tt.contentType, "", bytewise(body)), "byte by byte")
			r := rand.New(rand.NewPCG(1, 2))
			for range 50 {
				assert.Equal(t, tt.want, parse(tt.contentType, "", split(body, r)), "in pieces")
			}
			for coding, z := range encode(t, body) {
				coding, _, _ := strings.Cut(coding, " ")
				assert.Equal(t, tt.want, parse(tt.contentType, coding, [][]byte{z}), coding)
				assert.Equal(t, tt.want, parse(tt.contentType, coding, bytewise(z)), coding+" byte by byte")
			}
			assert.Equal(t, tt.want, parse("", "", [][]byte{[]byte("\xEF\xBB\xBF\n" + tt.body)}), "without a type, behind a byte order mark")
		})
	}
}

// A response may break off anywhere, and a client may stop reading as soon as it
// has what it wants.
func TestTruncated(t *testing.T) {
	for _, tt := range shapes {
		body := strings.TrimRight(tt.body, "\r\n")
		for i := range body {
			f := parse(tt.contentType, "", [][]byte{[]byte(body[:i])})
			if f.Complete {
				assert.Truef(t, ended(tt, body[:i]), "%s is not complete at %q", tt.name, body[:i])
			}
			if f.ID != "" && !strings.HasPrefix(tt.name, "cohere chat v1") {
				assert.Equal(t, tt.want.ID, f.ID, "no half of a string is taken")
			}
		}
	}
}

// ended looks for the end of a stream the plain way.
func ended(s shape, body string) bool {
	switch {
	case s.name == "ollama stream, wrong type":
		return strings.HasSuffix(body, "}") && strings.Contains(body, `"done":true`)
	case !strings.HasPrefix(s.contentType, typeEvents) && s.contentType != typeLines && s.contentType != "application/stream+json":
		return false
	}
	last := strings.LastIndexByte(body, '\n') + 1
	for _, mark := range []string{"[DONE]", `"finish_reason":"`, `"stop_reason":"`, `"finishReason": "STOP"`, `"done":true`, `"stop":true`, `"is_end":true`, `"is_finished":true`, `"response.completed"`, "event: end\n"} {
		if strings.Contains(body[:last], mark) || strings.Contains(body[last:], mark) && strings.HasSuffix(body, "}") || strings.HasSuffix(body, "[DONE]") {
			return true
		}
	}
	return false
}

// An unfinished value counts only at the end, so that Version need
// not be looked at after every byte.
func TestCutOff(t *testing.T) {
	p := NewParser(typeJSON, "")
	p.Write([]byte(`{"id":"x","model":"m","usage":{"prompt_tokens":5,"completion_tokens":12`))
	assert.Equal(t, Response{}, p.Response())
	assert.Zero(t, p.Version())
	p.Close()
	assert.Equal(t, Response{ID: "x", Model: "m", Usage: metrics.Usage{Input: 5}}, p.Response(), "12 may be the start of 120")
	assert.Equal(t, 1, p.Version())
	p.Close()
	p.Write([]byte(`{"id":"y"}`))
	assert.Equal(t, "x", p.Response().ID, "closed is closed")
}

func TestVersion(t *testing.T) {
	p := NewParser(typeEvents, "")
	defer p.Close()
	versions := []int{p.Version()}
	for _, e := range []string{
		"data: {\"id\":\"x\"}", // told by the value, not by the line after it
		"\n\n",
		"data: {\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n",
		"data: {\"id\":\"x\",\"usage\":{\"prompt_tokens\":5}}\n\n",
		"data: [DONE]\n\n",
		"data: [DONE]\n\n",
	} {
		p.Write([]byte(e))
		versions = append(versions, p.Version())
	}
	assert.Equal(t, []int{0, 1, 1, 1, 2, 3, 3}, versions)
}

func TestContentType(t *testing.T) {
	const doc, event = `{"id":"x"}`, "data: {\"id\":\"x\"}\n\n"
	tests := []struct{ contentType, coding, body, want string }{
		{"application/json", "", doc, "x"},
		{"Application/JSON; charset=utf-8", "", doc, "x"},
		{"application/problem+json", "", doc, "x"},
		{"text/plain; charset=utf-8", "", doc, "x"},
		{"", "", doc, "x"},
		{"application/octet-stream", "identity", doc, "x"},
		{"text/event-stream", "", event, "x"},
		{"text/event-stream", "", doc, "x"},
		{"application/json", "", event, "x"},
		{"application/x-ndjson", "", event, "x"},
		{"", "", "event: a\n" + event, "x"},
		{"", "", ": hi\n" + event, "x"},
		{"", "", "id: 1\r\n" + event, "x"},
		{"", "", "\r\n\r\n" + event, "x"},
		{"text/html", "", doc, ""},
		{"application/json", "", "<html>\ndata: {\"id\":\"x\"}\n\n", ""},
		{"audio/mpeg", "", doc, ""},
		{"application/vnd.amazon.eventstream", "", doc, ""},
		{"application/json", "br", doc, ""},
		{"application/json", "zstd", doc, ""},
		{"application/json", "gzip", doc, ""},
		{"application/json", "gzip, gzip", doc, ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, parse(tt.contentType, tt.coding, [][]byte{[]byte(tt.body)}).ID, "%q %q %q", tt.contentType, tt.coding, tt.body)
	}
}

func TestUnderstood(t *testing.T) {
	tests := []struct {
		contentType, body string
		want              bool
	}{
		{typeJSON, "", false},
		{typeJSON, "  ", false},
		{typeJSON, `{"id":`, true},
		{typeLines, `{"id":`, true},
		{typeEvents, ": hi\n", true},
		{"", "event: a\ndata: ", true},
		{"", "event: a\nda", false},
		{"text/plain", "Not Found", false},
		{typeJSON, "<html>", false},
		{"text/html", `{"id":`, false},
		{typeJSON, `{"id":nope`, false},
	}
	for _, tt := range tests {
		p := NewParser(tt.contentType, "")
		p.Write([]byte(tt.body))
		assert.Equal(t, tt.want, p.Understood(), "%q %q", tt.contentType, tt.body)
		p.Close()
		assert.Equal(t, tt.want, p.Understood(), "%q %q, closed", tt.contentType, tt.body)
	}
}

func TestMalformed(t *testing.T) {
	tests := []struct {
		contentType, body string
		want              Response
		reason            string
	}{
		{typeJSON, `{"id":"x",}`, Response{}, "what is no JSON tells nothing"},
		{typeJSON, `{"id":"x"]`, Response{}, "brackets have to match"},
		{typeJSON, `{"id":"x"}}`, Response{ID: "x", Complete: true}, "what comes after a whole document does not matter"},
		{typeJSON, `{"id":"x"} {"id":nope} {"id":"z"}`, Response{ID: "x", Complete: true}, "a document does not go on after an error"},
		{typeJSON, `{"id":"x"}{"id":"y"}`, Response{ID: "y", Complete: true}, "values may follow each other"},
		{typeJSON, `[{"id":"x"},{"id":"y"},`, Response{ID: "y"}, "elements count one by one"},
		{typeJSON, `[{"id":"x"},{"id":"y"`, Response{ID: "y"}, "and so does what is cut off"},
		{typeJSON, `[[{"id":"x"}]]`, Response{Complete: true}, "but not those of elements"},
		{typeJSON, `[{"id":"x"},{"id":"y" z`, Response{ID: "x"}, "unless it is no JSON"},
		{typeJSON, "{\"id\":\"a\nb\"}", Response{}, "control characters are escaped in JSON"},
		{typeJSON, `{"usage":{"prompt_tokens":1.}}`, Response{}, "no number"},
		{typeJSON, `{"usage":{"prompt_tokens":01}}`, Response{}, "no number"},
		{typeJSON, `{"done":truth}`, Response{}, "no literal"},
		{typeJSON, "garbage \x00\xff", Response{}, "nothing at all"},
		{typeLines, `{"model":"m"` + "\n" + `{"model":"n","done":true}`, Response{Model: "n", Complete: true}, "an error costs a line"},
		{typeLines, `{"model":"m` + "\n" + `{"model":"n","done":true}`, Response{Model: "n", Complete: true}, "even inside of a string"},
		{typeLines, "oops\n\n" + `{"model":"n"}`, Response{}, "which need not be JSON, but then it is taken for events"},
		{typeLines, "{oops\n\n" + `{"model":"n"}`, Response{Model: "n"}, "or at least not for long"},
		{typeEvents, "data: {\"id\":\"x\"\n\ndata: {\"model\":\"m\"}\n\n", Response{Model: "m"}, "an error costs an event"},
		{typeEvents, "data: {\"id\":\ndata: \"x\"}\n\n", Response{ID: "x"}, "data may have several lines"},
		{typeEvents, "data: {\"id\":\"x\ndata: y\"}\n\n", Response{}, "which a string may not"},
		{typeEvents, "data: {\"id\":\"x\"}\ndata: {\"model\":\"m\"}\ndata: [DONE]\n", Response{ID: "x", Model: "m", Complete: true}, "some leave the empty line out"},
		{typeEvents, "data: [\ndata: {\"id\":\"x\"}]\n\n", Response{ID: "x"}, "an array is not [DONE]"},
		{typeEvents, "data: [DO\ndata: NE]\n\n", Response{}, "nor is this"},
		{typeEvents, "data:[DONE]", Response{Complete: true}, "the end need not have an end"},
		{typeEvents, "data:   [DONE] \n", Response{Complete: true}, "or exactly one space"},
		{typeEvents, "data\ndatabase: {\"id\":\"x\"}\nDATA: {\"id\":\"x\"}\n data: {\"id\":\"x\"}\n\n", Response{}, "other fields"},
		{typeEvents, "data: {\"id\":\"x\"}\r\rdata: {\"model\":\rdata: \"m\"}\r\r", Response{ID: "x", Model: "m"}, "CR ends a line, too"},
		{typeEvents, "data: {\"id\":\"x\",\r\ndata: \"model\":\"m\"}\r\n\r\n", Response{ID: "x", Model: "m"}, "and CRLF ends one, not two"},
		{typeEvents, "event: ending\n\nevent: en\n\nevent:end\n\nevent: end", Response{}, "not the line that ends Maritaca's streams"},
		{typeEvents, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"x\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n", Response{ID: "x", Usage: metrics.Usage{Input: 9}}, "the output's count is no count yet"},
		{typeEvents, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n", Response{ErrorCode: "overloaded_error"}, "an error of Anthropic's is no end"},
	}
	for _, tt := range tests {
		body := []byte(tt.body)
		tt.want.Failure = tt.want.ErrorCode
		assert.Equal(t, tt.want, parse(tt.contentType, "", [][]byte{body}), "%q, reason: %s", tt.body, tt.reason)
		assert.Equal(t, tt.want, parse(tt.contentType, "", bytewise(body)), "%q byte by byte", tt.body)
	}
}

// An error object says that a request failed, whatever the HTTP status.
func TestFailure(t *testing.T) {
	tests := []struct{ contentType, body, want string }{
		{typeJSON, `{"error":{"code":429,"message":"slow down"}}`, "429"},
		{typeJSON, `{"error":{"code":503,"status":"UNAVAILABLE"}}`, "503"},
		{typeJSON, `[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]`, "503"},
		{typeJSON, `{"error":{"code":"rate_limit_exceeded","type":"requests"}}`, "rate_limit_exceeded"},
		{typeJSON, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, "overloaded_error"},
		{typeJSON, `{"error":{"message":"something"}}`, "_OTHER"},
		{typeJSON, `{"error":"model is loading"}`, "_OTHER"},
		{typeJSON, `{"error":{"code":17,"message":"something"}}`, "_OTHER"},
		{typeJSON, `{"response":{"error":{"code":"server_error","message":"m"}}}`, "server_error"},
		{typeJSON, `{"choices":[{"finish_reason":"error","error":{"code":502,"message":"m"}}]}`, "502"},
		{typeJSON, `{"choices":[{"finish_reason":"error"}]}`, "_OTHER"},
		{typeJSON, `{"id":"x","error":null}`, ""},
		{typeJSON, `{"id":"x","error":{"code":null,"message":""}}`, ""},
		{typeJSON, `{"choices":[{"finish_reason":"stop","message":{"content":"error"}}]}`, ""},
		{typeEvents, "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\ndata: {\"error\":{\"code\":502,\"message\":\"m\"}}\n\ndata: [DONE]\n\n", "502"},
		{typeEvents, "data: {\"error\":{\"message\":\"m\"}}\n\n", "_OTHER"},
		{typeEvents, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"m\"}}\n\n", "api_error"},
		{typeEvents, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\ndata: [DONE]\n\n", "_OTHER"},
		{typeLines, "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"error\":\"an error was encountered\"}\n", "_OTHER"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, parse(tt.contentType, "", [][]byte{[]byte(tt.body)}).Failure, tt.body)
		assert.Equal(t, tt.want, parse(tt.contentType, "", bytewise([]byte(tt.body))).Failure, tt.body)
	}
}

func TestCorruptCoding(t *testing.T) {
	const doc = `{"id":"x","model":"m","choices":[{"finish_reason":"stop"}]} `
	body := []byte(doc + strings.Repeat(" ", 1000))
	r := rand.New(rand.NewPCG(1, 2))
	for coding, z := range encode(t, body) {
		coding, _, _ := strings.Cut(coding, " ")
		for i := range z {
			b := bytes.Clone(z)
			b[i] ^= byte(1 + r.IntN(255))
			assert.Equal(t, parse(typeJSON, coding, [][]byte{b}), parse(typeJSON, coding, bytewise(b)), "%s, byte %d", coding, i)
			assert.NotPanics(t, func() { parse(typeJSON, coding, split(z[:i], r)) })
		}
	}
}

// A server that streams flushes its encoder, and does not wait for its end.
func TestCodedStream(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	p := NewParser(typeEvents, "gzip")
	defer p.Close()
	for i := range 3 {
		fmt.Fprintf(w, "data: {\"id\":\"%d\"}\n\n", i)
		require.NoError(t, w.Flush())
		p.Write(z.Bytes())
		z.Reset()
		assert.Equal(t, fmt.Sprint(i), p.Response().ID)
	}
}

func TestDecodingHasALimit(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = io.WriteString(w, `{"id":"x"}`+strings.Repeat(" ", 100<<10)+`{"id":"y"}`)
	require.NoError(t, w.Close())
	for _, limit := range []int{1 << 20, 50 << 10} {
		p := NewParser(typeJSON, "gzip")
		p.budget = limit
		p.Write(z.Bytes())
		assert.Equal(t, limit < 100<<10, p.closed)
		p.Close()
		want := "y"
		if limit < 100<<10 {
			want = "x"
		}
		assert.Equal(t, want, p.Response().ID)
	}
}

// A reader must not wait for what a small body unfolds to: a body of 1 MB that holds
// 1 GB costs the decoding of what maxRatio allows, in one write or in many.
func TestBombIsNotDecoded(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = io.WriteString(w, `{"id":"x"}`+strings.Repeat(" ", 64<<20))
	require.NoError(t, w.Close())
	body := bytes.Repeat(z.Bytes(), 16)
	for _, piece := range []int{len(body), 4 << 10} {
		p := NewParser(typeJSON, "gzip")
		written := 0
		for b := range slices.Chunk(body, piece) {
			if p.Write(b); p.closed {
				break
			}
			written += len(b)
		}
		assert.True(t, p.closed)
		decoded := maxDecoded - p.budget
		t.Logf("pieces of %d bytes: %d bytes of coded data decoded to %d", piece, written, decoded)
		assert.Less(t, decoded, minUnfolded+maxRatio*(written+piece)+8<<10)
		if piece < len(body) {
			assert.Less(t, decoded, 8<<20, "it is told while it comes")
		}
		assert.Equal(t, "x", p.Response().ID)
	}
}

// Write has the body for as long as it runs; the caller uses the buffer again.
func TestWriteKeepsNothing(t *testing.T) {
	body := []byte(shapes[0].body)
	want := shapes[0].want
	want.Complete = true
	for coding, z := range map[string][]byte{"": body, "gzip": encode(t, body)["gzip"]} {
		p := NewParser(typeJSON, coding)
		buf := make([]byte, 10)
		for len(z) > 0 {
			n := copy(buf, z)
			p.Write(buf[:n])
			clear(buf)
			z = z[n:]
		}
		p.Close()
		assert.Equal(t, want, p.Response())
	}
}

func TestBoundedMemory(t *testing.T) {
	fill := func(s string) []byte { return bytes.Repeat([]byte(s), 32<<10/len(s)) }
	tests := []struct{ name, contentType, head, fill, tail, id string }{
		// The first two are 32 MiB, the others 10.
		{"a string", typeJSON, `{"id":"x","content":"`, `It was \"dark\" \u00e9 `, `"}`, "x"},
		{"an array", typeJSON, `{"id":"x","data":[{"embedding":[0`, `,0.12345, -1.5e-05`, `]}]}`, "x"},
		{"an id", typeJSON, `{"model":"m","id":"`, `abcd\n`, `"}`, ""},
		{"a key", typeJSON, `{"id":"x","`, `abcd`, `":1}`, "x"},
		{"a number", typeJSON, `{"usage":{"prompt_tokens":1`, `0`, `},"id":"x"}`, "x"},
		{"choices", typeJSON, `{"id":"x","choices":[0`, `,{"finish_reason":"stop","index":9}`, `]}`, "x"},
		{"keys", typeJSON, `{"id":"x"`, `,"id":"x","q":{}`, `}`, "x"},
		{"depth", typeJSON, `{"id":"x","a":`, `[`, ``, ""},
		{"an event", typeEvents, "data: {\"id\":\"x\"}\n\n" + `data: {"a":"`, `abcdefgh`, "\n\n", "x"},
		{"a line that is no data", typeEvents, "data: {\"id\":\"x\"}\n\n" + `:`, `abcdefgh`, "\n\n", "x"},
		{"empty lines", typeEvents, "data: {\"id\":\"x\"}\n\n", "\r\r\n\n", "", "x"},
		{"a line", typeLines, "{\"id\":\"x\"}\n", `abcdefgh`, "", "x"},
		{"something else", "text/html", "<html>", `abcdefgh`, "", ""},
	}
	for i, tt := range tests {
		size := 10 << 20
		switch {
		case testenv.Race:
			size = 1 << 20
		case i < 2:
			size = 32 << 20
		}
		t.Run(tt.name, func(t *testing.T) {
			p := NewParser(tt.contentType, "")
			head, tail, chunk := []byte(tt.head), []byte(tt.tail), fill(tt.fill)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p.Write(head)
			for n := 0; n < size; n += len(chunk) {
				p.Write(chunk)
			}
			p.Write(tail)
			p.Close()
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<10))
			assert.Equal(t, tt.id, p.Response().ID)
		})
	}
}

func TestDepth(t *testing.T) {
	doc := func(depth int) string {
		return `{"a":` + strings.Repeat(`[{"a":`, (depth-1)/2) + "1" + strings.Repeat("}]", (depth-1)/2) + `,"id":"x"}`
	}
	assert.Equal(t, Response{ID: "x", Complete: true}, parse(typeJSON, "", [][]byte{[]byte(doc(maxNesting - 1))}))
	assert.Equal(t, Response{}, parse(typeJSON, "", [][]byte{[]byte(doc(1e6))}), "more than encoding/json takes is malformed")
	assert.Equal(t, Response{Model: "m"}, parse(typeLines, "", [][]byte{[]byte(doc(1e6) + "\n{\"model\":\"m\"}\n")}))
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("x", maxText)
	tests := []struct {
		body   string
		want   Response
		reason string
	}{
		{`{"id":"` + long + `"}`, Response{ID: long}, "just short enough"},
		{`{"id":"` + long + `x"}`, Response{}, "half of an id is none"},
		{`{"id":"` + long[1:] + `\u00e9"}`, Response{}, "escapes count as what they mean"},
		{`{"id":"\u0078\"\\\/\b\f\n\r\t\ud83d\ude00\ud83d\u0041\ude00\ud83d"}`, Response{ID: "x\"\\/\b\f\n\r\t😀\uFFFDA\uFFFD\uFFFD"}, "as encoding/json reads it"},
		{`{"\u0069d":"x"}`, Response{ID: "x"}, "keys have escapes, too"},
		{`{"id":"é` + "\xff" + `"}`, Response{}, "no text"},
		{`{"id":null,"model":{"id":"x"},"usage":[1],"choices":{"finish_reason":"stop"}}`, Response{}, "other types"},
		{`{"id":"x","id":"","id":null}`, Response{ID: "x"}, "nothing is no news"},
		{`{"ID":"x","Id":"x","id ":"x"}`, Response{}, "keys are exact"},
		{`{"choices":[null,{"index":0,"finish_reason":"a"},[],{"finish_reason":"b"},{"index":1}]}`, Response{FinishReason: []string{"a", "b"}}, "places are those of the wire"},
		{`{"usage":{"prompt_tokens":536870912}}`, Response{Usage: metrics.Usage{Input: 1 << 29}}, "genai's limit"},
		{`{"usage":{"prompt_tokens":536870913,"completion_tokens":99999999999999999999999}}`, Response{}, "beyond it"},
		{`{"usage":{"prompt_tokens":-5,"completion_tokens":1.5}}`, Response{}, "no counts"},
		{`{"usage":{"prompt_tokens":1e999,"completion_tokens":-0}}`, Response{}, "no counts"},
		{`{"usage":{"prompt_tokens":12.0,"completion_tokens":1.2E+1}}`, Response{Usage: metrics.Usage{Input: 12, Output: 12}}, "counts"},
		{`{"usage":{"prompt_tokens":"12"}}`, Response{}, "text"},
		{`{"results":[{"tokenCount":536870912},{"tokenCount":536870912}]}`, Response{Usage: metrics.Usage{Output: 1 << 29}}, "a sum has the same limit"},
		{`{"choices":[{"index":15,"finish_reason":"a"},{"index":16,"finish_reason":"b"},{"index":-1,"finish_reason":"c"},{"index":1e9,"finish_reason":"d"}]}`, Response{FinishReason: []string{"c", "d", "a"}}, "an index that cannot be one is that of the place"},
	}
	for _, tt := range tests {
		tt.want.Complete = true
		assert.Equal(t, tt.want, parse(typeJSON, "", bytewise([]byte(tt.body))), "%q, reason: %s", tt.body, tt.reason)
	}
}

func TestAllocations(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector allocates")
	}
	event := []byte("data: {\"id\":\"chatcmpl-1\",\"model\":\"gpt\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"h\\u00e9\"},\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":5}}\n\n")
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(event)
	require.NoError(t, w.Flush())
	for coding, b := range map[string][]byte{"": event, "gzip": z.Bytes()} {
		p := NewParser(typeEvents, coding)
		p.Write(b)
		if coding == "gzip" {
			// The header comes once; the rest of a flushed stream may repeat.
			b = b[10:]
		}
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			p.Write(b)
			_ = p.Version()
		}), "coding %q", coding)
		assert.Equal(t, "chatcmpl-1", p.Response().ID)
		p.Close()
	}
}

func parse(contentType, coding string, pieces [][]byte) Response {
	p := NewParser(contentType, coding)
	for _, b := range pieces {
		p.Write(b)
	}
	p.Close()
	return p.Response()
}

func bytewise(b []byte) [][]byte {
	var pieces [][]byte
	for i := range b {
		pieces = append(pieces, b[i:i+1])
	}
	return pieces
}

func split(b []byte, r *rand.Rand) [][]byte {
	var pieces [][]byte
	for len(b) > 0 {
		n := 1 + r.IntN(min(len(b), 1+r.IntN(100)))
		pieces = append(pieces, b[:n])
		b = b[n:]
	}
	return pieces
}

// encode returns b in each coding; a name may have more than that of the coding.
func encode(t testing.TB, b []byte) map[string][]byte {
	var raw bytes.Buffer
	fw, err := flate.NewWriter(&raw, flate.DefaultCompression)
	require.NoError(t, err)
	var gz, zl bytes.Buffer
	all := map[string]struct {
		w   io.WriteCloser
		buf *bytes.Buffer
	}{
		"gzip":          {gzip.NewWriter(&gz), &gz},
		"deflate":       {zlib.NewWriter(&zl), &zl},
		"deflate (raw)": {fw, &raw},
	}
	out := make(map[string][]byte)
	for name, e := range all {
		_, err := e.w.Write(b)
		require.NoError(t, err)
		require.NoError(t, e.w.Close())
		out[name] = e.buf.Bytes()
	}
	return out
}
