// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
)

// Parser finds the Facts in the body of a response. It is pushed the body as it
// passes, keeps a few KB whatever comes (and a decoder's 50 KB if the body is
// compressed), and cannot fail: what it does not understand it ignores.
//
// All methods may be called concurrently, since a body may be closed while it
// is read.
type Parser struct {
	mu     sync.Mutex
	closed bool
	layout layout
	typed  bool // as events
	lines  bool // values have a line each, if they are not events
	scan   scanner
	events events

	coding  string
	inflate *inflater
	cleanup runtime.Cleanup
	// left is what may still be decoded: the work that a small body can cause.
	left int
}

// layout is how the values follow each other.
type layout uint8

const (
	unknown  layout = iota
	ignored         // nothing to find
	document        // one value, or one after the other
	perLine         // NDJSON: an error costs a line
	inEvents        // SSE: an error costs an event
)

const maxDecoded = 256 << 20

// NewParser returns a Parser for a body with these headers. Of a type that is
// neither JSON nor text/event-stream, AWS's event streams among them, and of a
// coding that is neither gzip nor deflate, every byte is ignored. A type that
// says little or nothing is made up for by a look at the body.
func NewParser(contentType, contentEncoding string) *Parser {
	p := &Parser{left: maxDecoded}
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
		p.write(b)
		return
	}
	if p.inflate == nil {
		p.inflate = newInflater(p.coding)
		// For a body that is abandoned, and its Parser with it: the goroutine
		// does not know the Parser, and so does not keep it.
		p.cleanup = runtime.AddCleanup(p, (*inflater).stop, p.inflate)
	}
	if !p.inflate.write(b, p.decoded) {
		p.end()
	}
}

func (p *Parser) decoded(b []byte) bool {
	p.left -= len(b)
	p.write(b)
	return p.left > 0 && p.layout != ignored
}

func (p *Parser) write(b []byte) {
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

// sniff decides on the layout by the first byte that is neither space nor of a
// byte order mark, and returns what is left from there on.
func (p *Parser) sniff(b []byte) []byte {
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

// Close ends the body, be it whole or not. It must be called, like that of the
// body itself: a decoder waits for it. After Close, Write does nothing.
func (p *Parser) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}

func (p *Parser) end() {
	if !p.closed {
		p.scan.cut()
	}
	p.closed = true
	if p.inflate != nil {
		p.cleanup.Stop()
		p.inflate.stop()
		p.inflate = nil
	}
}

// Understood reports whether the body is, as far as it has come, one whose end
// the Parser can tell: without it, Facts.Complete means nothing.
func (p *Parser) Understood() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.layout {
	case document, perLine:
		return true
	case inEvents:
		return p.typed || p.events.any // any text may pass for events
	}
	return false
}

// Streams reports whether the body is a stream of events or lines, whose end is
// that of the answer: a document may end well with an answer that was cut short
// in it, as Google's arrays of pieces do.
func (p *Parser) Streams() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.layout == perLine || p.layout == inEvents
}

// Facts returns what the values that have ended told so far and, once the
// Parser is closed, the one that was cut off.
func (p *Parser) Facts() Facts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.scan.told.facts()
}

// Version grows whenever Facts has changed, which is when a value ends.
func (p *Parser) Version() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.scan.version
}
