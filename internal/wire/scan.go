// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"unicode/utf8"

	"github.com/spanloom/spanloom/internal/providers"
)

// scanner is a JSON parser that text is pushed to, in pieces cut anywhere. It
// hands the values of known places to its collector and keeps nothing else. It
// accepts what encoding/json accepts, value after value. After an error it
// ignores everything until it is reset.
type scanner struct {
	collector
	state state
	// node is the place of the next value or of the one being read. It is nil if
	// the place has no meaning. path has the nodes of the containers around it.
	node *node
	path [maxDepth]*node

	depth  int
	object bool // the innermost container is an object
	// objects has a bit for each container, set for objects.
	objects [maxNesting/64 + 1]uint64

	// Of the string, number or literal being read.
	keep  bool // its text is wanted
	key   bool // it is a key
	long  bool // its text did not fit into buf
	num   numState
	first byte   // of the literal
	rest  string // what must follow it
	digit int    // of the \u escape
	unit  rune   // its value so far
	high  rune   // a high surrogate without its other half yet
	n     int
	buf   [maxText]byte
}

// maxNesting is that of encoding/json, which is what reads the same bodies.
const maxNesting = 10000

// state is what may come next.
type state uint8

const (
	atTop       state = iota // a value, or nothing
	atValue                  // a value
	atFirstElem              // a value or ]
	atFirstKey               // a key or }
	atKey                    // a key
	atColon                  // a colon
	atNext                   // a comma or the end of the container
	inString
	inEscape
	inHex
	inNumber
	inLiteral
	broken
)

// numState is a position in a number.
type numState uint8

const (
	numMinus numState = iota // digits
	numPoint                 // digits
	numExp                   // a sign or digits
	numSign                  // digits
	// From here on the number may end.
	numZero // a point or an exponent
	// From here on digits may follow.
	numInt // and a point or an exponent
	numFrac
	numExpDigits
)

// plain are the bytes that stand for themselves in a string.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// idle reports whether a new value could begin.
func (s *scanner) idle() bool { return s.state == atTop }

// reset forgets the value being read, and an error.
func (s *scanner) reset() {
	if s.idle() {
		return
	}
	s.discard()
	s.state, s.depth, s.high = atTop, 0, 0
}

// fail ignores everything until the next reset.
func (s *scanner) fail() {
	s.discard()
	s.state = broken
}

// finish is called where the body ends. It takes what an unfinished value has.
func (s *scanner) finish() {
	if s.state != broken {
		s.commit()
	}
}

func (s *scanner) write(b []byte) {
	for i := 0; i < len(b); {
		switch s.state {
		case inString:
			start := i
			for i < len(b) && plain[b[i]] {
				i++
			}
			if s.keep && start < i {
				s.add(b[start:i])
			}
			if i == len(b) {
				return
			}
			switch b[i] {
			case '"':
				s.endString()
			case '\\':
				s.state = inEscape
			default:
				s.fail()
			}
			i++
		case inNumber:
			start := i
			more := true
			for more && i < len(b) {
				if s.num >= numInt {
					if i = skipDigits(b, i); i == len(b) {
						break
					}
				}
				if more = s.numNext(b[i]); more {
					i++
				}
			}
			if s.keep {
				s.add(b[start:i])
			}
			if !more {
				s.endNumber()
			}
		case inLiteral:
			if b[i] != s.rest[0] {
				s.fail()
				return
			}
			s.rest = s.rest[1:]
			if s.rest == "" {
				s.endLiteral()
			}
			i++
		case inEscape:
			s.escape(b[i])
			i++
		case inHex:
			s.hex(b[i])
			i++
		case broken:
			return
		default:
			if isSpace(b[i]) {
				i++
				continue
			}
			if s.state == atValue && !s.object && (s.node == nil || s.node.field == 0) {
				if n := skipNumbers(b[i:]); n > 0 {
					i += n
					continue
				}
			}
			s.token(b[i])
			i++
		}
	}
}

// skipNumbers returns the length of the numbers at the start of b that a comma
// follows, with commas and spaces. Embeddings are megabytes of numbers. It may
// leave any number to the scanner, and always leaves the last one in b.
func skipNumbers(b []byte) int {
	for i := 0; ; {
		j := i
		if j < len(b) && b[j] == '-' {
			j++
		}
		first := j
		if j = skipDigits(b, j); j == first || j-first > 1 && b[first] == '0' {
			return i
		}
		if j < len(b) && b[j] == '.' {
			first = j + 1
			if j = skipDigits(b, first); j == first {
				return i
			}
		}
		if j < len(b) && b[j] == 'e' {
			if j++; j < len(b) && (b[j] == '-' || b[j] == '+') {
				j++
			}
			first = j
			if j = skipDigits(b, j); j == first {
				return i
			}
		}
		if j == len(b) || b[j] != ',' {
			return i
		}
		for j++; j < len(b) && isSpace(b[j]); {
			j++
		}
		i = j
	}
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// token takes a byte outside of strings and numbers that is no space.
func (s *scanner) token(c byte) {
	switch s.state {
	case atTop:
		s.node = root
		if c == '[' {
			s.node = rootList
		}
		s.value(c)
	case atValue:
		s.value(c)
	case atFirstElem:
		if c == ']' {
			s.pop()
		} else {
			s.value(c)
		}
	case atFirstKey:
		if c == '}' {
			s.pop()
			return
		}
		fallthrough
	case atKey:
		if c != '"' {
			s.fail()
			return
		}
		n := s.container()
		s.startString(n != nil && n.keys != nil)
		s.key = true
	case atColon:
		if c != ':' {
			s.fail()
			return
		}
		s.state = atValue
	case atNext:
		switch {
		case c == ',' && s.object:
			s.state = atKey
		case c == ',':
			if s.elem(); s.node != nil && s.node.isChoice {
				s.position++
			}
			s.state = atValue
		case c == '}' && s.object, c == ']' && !s.object:
			s.pop()
		default:
			s.fail()
		}
	}
}

func (s *scanner) value(c byte) {
	wanted := s.node != nil && s.node.field != 0
	if wanted && s.node.field == providers.Embedding && (c == '[' || c == '"') {
		s.pending.embedding = true
	}
	switch c {
	case '{', '[':
		s.push(c == '{')
	case '"':
		s.startString(wanted)
	case '-':
		s.startNumber(wanted, numMinus, c)
	case '0':
		s.startNumber(wanted, numZero, c)
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.startNumber(wanted, numInt, c)
	case 't':
		s.startLiteral("true", wanted)
	case 'f':
		s.startLiteral("false", wanted)
	case 'n':
		s.startLiteral("null", wanted)
	default:
		s.fail()
	}
}

// after is called when a value has ended.
func (s *scanner) after() {
	if s.depth == 0 {
		s.state = atTop
	} else {
		s.state = atNext
	}
}

// container returns the place of the innermost container.
func (s *scanner) container() *node {
	if i := s.depth - 1; i < maxDepth {
		return s.path[i]
	}
	return nil
}

// elem sets the place of the next element of the innermost array.
func (s *scanner) elem() {
	if s.node = s.container(); s.node != nil {
		s.node = s.node.elem
	}
}

func (s *scanner) push(object bool) {
	if s.depth == maxNesting {
		s.fail()
		return
	}
	if s.depth < maxDepth {
		s.path[s.depth] = s.node
	}
	bit := uint64(1) << (s.depth % 64)
	s.depth++
	s.object = object
	if object {
		s.objects[(s.depth-1)/64] |= bit
		s.state = atFirstKey
		switch n := s.node; {
		case n == nil:
		case n == root:
			s.beginRoot()
		case n.isChoice:
			s.openChoice()
		}
		return
	}
	s.objects[(s.depth-1)/64] &^= bit
	s.state = atFirstElem
	if s.elem(); s.node != nil && s.node.isChoice {
		s.position = 0
	}
}

func (s *scanner) pop() {
	if n := s.container(); n != nil && s.object {
		switch {
		case n == root:
			s.endRoot()
		case n.isChoice:
			s.closeChoice()
		}
	}
	s.depth--
	if s.depth == 0 {
		s.endDocument()
	} else {
		s.object = s.objects[(s.depth-1)/64]>>((s.depth-1)%64)&1 != 0
	}
	s.after()
}

func (s *scanner) startString(keep bool) {
	s.state, s.keep, s.key = inString, keep, false
	s.n, s.long, s.high = 0, false, 0
}

func (s *scanner) endString() {
	s.flushHigh()
	if s.key {
		s.node = nil
		if s.keep && !s.long {
			s.node = s.container().keys[string(s.buf[:s.n])]
		}
		s.state = atColon
		return
	}
	if s.keep && !s.long {
		s.text(s.node, s.buf[:s.n])
	}
	s.after()
}

func (s *scanner) startNumber(keep bool, num numState, c byte) {
	s.state, s.keep, s.num = inNumber, keep, num
	s.n, s.long = 1, false
	s.buf[0] = c
}

// numNext reports whether the byte belongs to the number.
func (s *scanner) numNext(c byte) bool {
	switch {
	case c == '0' && s.num == numMinus:
		s.num = numZero
	case c >= '0' && c <= '9':
		switch s.num {
		case numMinus:
			s.num = numInt
		case numPoint:
			s.num = numFrac
		case numExp, numSign:
			s.num = numExpDigits
		case numZero:
			return false
		}
	case c == '.' && (s.num == numZero || s.num == numInt):
		s.num = numPoint
	case (c == 'e' || c == 'E') && (s.num == numZero || s.num == numInt || s.num == numFrac):
		s.num = numExp
	case (c == '+' || c == '-') && s.num == numExp:
		s.num = numSign
	default:
		return false
	}
	return true
}

func (s *scanner) endNumber() {
	if s.num < numZero {
		s.fail()
		return
	}
	if s.keep && !s.long {
		s.number(s.node, s.buf[:s.n])
	}
	s.after()
}

func (s *scanner) startLiteral(lit string, keep bool) {
	s.state, s.keep, s.first, s.rest = inLiteral, keep, lit[0], lit[1:]
}

func (s *scanner) endLiteral() {
	if s.keep && s.first != 'n' {
		s.boolean(s.node, s.first == 't')
	}
	s.after()
}

func (s *scanner) add(b []byte) {
	s.flushHigh()
	if s.long = s.long || s.n+len(b) > len(s.buf); !s.long {
		s.n += copy(s.buf[s.n:], b)
	}
}

func (s *scanner) addRune(r rune) {
	var b [utf8.UTFMax]byte
	s.add(utf8.AppendRune(b[:0], r))
}
