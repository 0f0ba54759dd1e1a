// SPDX-License-Identifier: Apache-2.0

package wire

// events takes the data out of server-sent events, as the HTML standard has
// them. Lines that are no data are ignored, so any text may pass.
type events struct {
	at    linePos
	match int  // bytes of dataField or doneMark seen
	cr    bool // the last byte was CR: an LF belongs to it
	data  bool // the event has had a data line
}

type linePos uint8

const (
	atLine  linePos = iota
	inField         // it may be dataField
	atData          // a space may come first
	atDone          // it may be doneMark
	inData
	inRest // of a line that is no data
)

const (
	dataField = "data:"
	doneMark  = "[DONE]" // OpenAI's end, which would be JSON's array
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
				// An empty line ends the event. A value that is not whole by
				// then is none.
				e.cr, e.data = c == '\r', false
				s.reset()
			default:
				e.cr, e.at, e.match = false, inField, 0
				continue
			}
			b = b[1:]
		case inField:
			if c != dataField[e.match] {
				e.at = inRest
				continue
			}
			if e.match++; e.match == len(dataField) {
				e.at = atData
			}
			b = b[1:]
		case atData:
			if c == ' ' {
				b = b[1:]
			}
			if e.data {
				s.write(newline)
			}
			// Some servers forget the empty line between events.
			e.data, e.at, e.match = true, inData, 0
			if s.idle() {
				e.at = atDone
			}
		case atDone:
			switch {
			case c == doneMark[e.match]:
				if e.match++; e.match == len(doneMark) {
					s.complete()
					s.deaf()
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
