// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/spanloom/spanloom/internal/providers"

// events takes the data out of server-sent events by the HTML standard. It
// ignores lines that are no data, so it accepts any text.
type events struct {
	at    linePos
	mark  string // what the line may begin with
	match int    // bytes of mark or doneMark seen
	cr    bool   // the last byte was CR, so an LF belongs to it
	data  bool   // the event has had a data line
	any   bool   // some event has had one
}

type linePos uint8

const (
	atLine  linePos = iota
	inField         // the line may begin with mark
	atData          // a space may come first
	atEnd           // the line is endLine if it ends here
	atDone          // the data may be doneMark
	inData
	inRest // of a line that is no data
)

const (
	dataField = "data:"
	doneMark  = providers.OpenAIDone // it begins like an array
	endLine   = providers.MaritacaEnd
)

func (e *events) write(s *scanner, b []byte) {
	for len(b) > 0 {
		c := b[0]
		switch e.at {
		case atLine:
			switch {
			case c == '\n' && e.cr:
				e.cr = false
			case c == '\n', c == '\r':
				// An empty line ends the event, and an unfinished value with it.
				e.cr, e.data = c == '\r', false
				s.reset()
			default:
				e.cr, e.at, e.mark, e.match = false, inField, dataField, 0
				if c == endLine[0] {
					e.mark = endLine
				}
				continue
			}
			b = b[1:]
		case inField:
			if c != e.mark[e.match] {
				e.at = inRest
				continue
			}
			if e.match++; e.match == len(e.mark) {
				e.at = atData
				if e.mark == endLine {
					e.at = atEnd
				}
			}
			b = b[1:]
		case atEnd:
			if c == '\n' || c == '\r' {
				s.complete()
			}
			e.at = inRest
		case atData:
			if c == ' ' {
				b = b[1:]
			}
			if e.data {
				s.write(newline)
			}
			// Some servers forget the empty line between events.
			e.data, e.any, e.at, e.match = true, true, inData, 0
			if s.idle() {
				e.at = atDone
			}
		case atDone:
			switch {
			case c == doneMark[e.match]:
				if e.match++; e.match == len(doneMark) {
					s.complete()
					s.fail()
					e.at = inData
				}
				b = b[1:]
			case e.match == 0 && (c == ' ' || c == '\t'):
				b = b[1:]
			default:
				s.write(doneBytes[:e.match])
				e.at = inData
			}
		case inData, inRest:
			n := 0
			for n < len(b) && b[n] != '\n' && b[n] != '\r' {
				n++
			}
			if e.at == inData {
				s.write(b[:n])
			}
			if n == len(b) {
				return
			}
			e.at, e.cr = atLine, b[n] == '\r'
			b = b[n+1:]
		}
	}
}

var (
	newline   = []byte("\n")
	doneBytes = []byte(doneMark)
)
