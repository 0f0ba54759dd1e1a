// SPDX-License-Identifier: Apache-2.0

// Package wire reads HTTP responses of model servers as they pass, in bounded
// memory. It finds what langchaingo drops: id, model, finish reasons, token usage
// and error code. Package providers declares where they stand.
package wire

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
)

// Parser finds the [Response] in a body that is written to it as it passes. It
// keeps a few KB whatever comes, and a decoder's 50 KB if the body is compressed.
// It cannot fail: it ignores what it does not understand.
//
// It is safe for concurrent use, since a body may be closed while it is read.
type Parser struct {
	mu     sync.Mutex
	closed bool
	coding string
	*body

	inflate *inflater
	cleanup runtime.Cleanup
}

// body is what has been read. A decoder's goroutine has a reference to it, and
// none to the Parser, so that an abandoned Parser is collected.
type body struct {
	layout layout
	typed  bool // the content type is that of events
	lines  bool // the content type is that of one JSON value per line
	scan   scanner
	events events
	// budget is how many bytes may still be decoded. It bounds the work that a
	// small body can cause.
	budget int
	// unfolded is how many bytes the coded ones so far may still decode to.
	unfolded int
}

// layout is how the values follow each other.
type layout uint8

const (
	unknown  layout = iota
	ignored         // nothing is read
	document        // one JSON value, or several in a row
	perLine         // one JSON value per line; malformed lines are skipped
	inEvents        // server-sent events; malformed ones are skipped
)

const maxDecoded = 256 << 20

// An answer that repeats itself in each event decodes to some 30 times its size.
const (
	maxRatio    = 64
	minUnfolded = 4 << 20 // of a small body
)

// NewParser returns a Parser for a body with these headers. It ignores bodies of
// other types than JSON and text/event-stream, AWS's event streams among them, and
// other codings than gzip and deflate. If the type is missing or unspecific, the
// first byte of the body decides.
func NewParser(contentType, contentEncoding string) *Parser {
	p := &Parser{body: &body{budget: maxDecoded, unfolded: minUnfolded}}
	mediaType, _, _ := strings.Cut(contentType, ";")
	switch mediaType = strings.ToLower(strings.TrimSpace(mediaType)); mediaType {
	case "text/event-stream":
		p.typed = true
	case "", "text/plain", "application/octet-stream":
	default:
		if !strings.Contains(mediaType, "json") {
			p.layout = ignored
		}
		p.lines = strings.Contains(mediaType, "ndjson") || strings.Contains(mediaType, "jsonl") || mediaType == "application/stream+json"
	}
	switch p.coding = strings.ToLower(strings.TrimSpace(contentEncoding)); p.coding {
	case "", "identity", "gzip", "x-gzip", "deflate":
	default:
		p.layout = ignored
	}
	return p
}

// Write takes the next bytes of the body, cut anywhere, and does not keep b.
func (p *Parser) Write(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.layout == ignored || len(b) == 0 {
		return
	}
	if p.coding == "" || p.coding == "identity" {
		p.read(b)
		return
	}
	if p.inflate == nil {
		p.inflate = newInflater(p.body, p.coding)
		// If body and Parser are abandoned without Close, the goroutine ends.
		p.cleanup = runtime.AddCleanup(p, func(w *io.PipeWriter) { _ = w.Close() }, p.inflate.coded)
	}
	p.unfolded += maxRatio * len(b)
	if !p.inflate.write(b) {
		p.end()
	}
}

var errEnough = errors.New("nothing more is read")

// Write takes decoded bytes.
func (p *body) Write(b []byte) (int, error) {
	p.budget -= len(b)
	p.unfolded -= len(b)
	if p.read(b); p.budget <= 0 || p.unfolded <= 0 || p.layout == ignored {
		return 0, errEnough
	}
	return len(b), nil
}

func (p *body) read(b []byte) {
	if p.layout == unknown {
		b = p.sniff(b)
	}
	switch p.layout {
	case document:
		if p.scan.write(b); p.scan.state == broken {
			p.layout = ignored
		}
	case perLine:
		for {
			line, rest, ended := bytes.Cut(b, newline)
			p.scan.write(line)
			if !ended {
				return
			}
			p.scan.reset()
			b = rest
		}
	case inEvents:
		p.events.write(&p.scan, b)
	}
}

// sniff decides on the layout by the first byte after spaces and a byte order
// mark. It returns b from there on.
func (p *body) sniff(b []byte) []byte {
	for len(b) > 0 && strings.IndexByte("\xEF\xBB\xBF \t\r\n", b[0]) >= 0 {
		b = b[1:]
	}
	if len(b) == 0 {
		return nil
	}
	switch c := b[0]; {
	case c == '<':
		p.layout = ignored
	case c != '{' && c != '[':
		p.layout, p.scan.stream = inEvents, true
	case p.lines:
		p.layout, p.scan.stream = perLine, true
	default:
		p.layout = document
	}
	return b
}

// Close ends the body, be it complete or not. It must be called, since a decoder
// waits for it. After Close, Write does nothing.
func (p *Parser) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}

func (p *Parser) end() {
	if p.closed {
		return
	}
	p.closed = true
	if p.inflate != nil {
		p.cleanup.Stop()
		p.inflate.stop()
	}
	p.events.finish(&p.scan)
	p.scan.finish()
}

// Understood reports whether the body so far is one whose end the Parser can
// tell. If not, Response.Complete means nothing.
func (p *Parser) Understood() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.layout {
	case document, perLine:
		return true
	case inEvents:
		return p.typed || p.events.any // any text looks like events without data
	}
	return false
}

// Streams reports whether the body is a stream of events or lines, which ends
// where the answer ends. A complete document may hold an answer that was cut
// short, as Google's arrays of chunks do.
func (p *Parser) Streams() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.layout == perLine || p.layout == inEvents
}

// OnValue makes the Parser keep each JSON value, and 1 MiB of it at most, until it has
// ended or the body has. f must not keep text, and must not call the Parser. It is for
// callers that may record content.
func (p *Parser) OnValue(f func(text []byte)) { p.scan.onValue = f }

// Ended reports whether the mark has come that ends a stream: some clients read no
// further. Protocols without a mark end where the body does.
func (p *Parser) Ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.scan.ended
}

// Chunks returns how many events or lines of a stream have had a part of the answer.
func (p *Parser) Chunks() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.scan.chunks
}

// Response returns what the JSON values that have ended hold and, once the Parser
// is closed, what the one that was cut off holds.
func (p *Parser) Response() Response {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.scan.committed.response()
}

// Version grows whenever Response has changed, which is when a JSON value ends, and
// with the first value of a stream.
func (p *Parser) Version() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.scan.version
}
