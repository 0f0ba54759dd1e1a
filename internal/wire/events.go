// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"

	"github.com/spanloom/spanloom/internal/providers"
)

// events takes the data out of server-sent events by the HTML standard. It
// ignores lines that are no data, so it accepts any text.
type events struct {
	// head is the beginning of the line, until it tells what the line is. It has
	// room for a field's name and an end mark.
	head    [16]byte
	n       int
	decided bool // the line's head is over
	isData  bool // the rest of the line is data
	cr      bool // the last byte was CR, so an LF belongs to it
	hasData bool // the event has had a data line
	any     bool // some event has had one
}

var (
	dataField = []byte("data:")
	doneMark  = []byte(providers.OpenAIDone) // it begins like an array
	newline   = []byte("\n")
)

func (e *events) write(s *scanner, b []byte) {
	for len(b) > 0 {
		if e.cr {
			e.cr = false
			if b[0] == '\n' {
				b = b[1:]
				continue
			}
		}
		n := 0
		for n < len(b) && b[n] != '\n' && b[n] != '\r' {
			n++
		}
		e.text(s, b[:n])
		if n == len(b) {
			return
		}
		e.endLine(s)
		e.cr = b[n] == '\r'
		b = b[n+1:]
	}
}

// text takes a part of a line.
func (e *events) text(s *scanner, b []byte) {
	if !e.decided {
		n := copy(e.head[e.n:], b)
		e.n += n
		e.any = e.any || bytes.HasPrefix(e.head[:e.n], dataField)
		if e.n == len(e.head) {
			e.decide(s)
		}
		b = b[n:]
	}
	if e.isData {
		s.write(b)
	}
}

// decide reads the head of the line.
func (e *events) decide(s *scanner) {
	data, isData := bytes.CutPrefix(e.head[:e.n], dataField)
	e.decided, e.isData = true, isData
	if !isData {
		return
	}
	if e.hasData {
		s.write(newline)
	}
	// Some servers forget the empty line between events.
	e.hasData = true
	if s.idle() && bytes.HasPrefix(bytes.TrimLeft(data, " \t"), doneMark) {
		s.complete()
		s.ended = true
		s.fail()
		return
	}
	s.write(bytes.TrimPrefix(data, []byte(" ")))
}

func (e *events) endLine(s *scanner) {
	switch {
	case e.n == 0:
		// An empty line ends the event, and an unfinished value with it.
		e.hasData = false
		s.reset()
	case string(e.head[:e.n]) == providers.MaritacaEnd:
		s.complete()
	case !e.decided:
		e.decide(s)
	}
	e.n, e.decided, e.isData = 0, false, false
}

// finish is called where the body ends, which may be inside a line.
func (e *events) finish(s *scanner) {
	if !e.decided && e.n > 0 {
		e.decide(s)
	}
}
