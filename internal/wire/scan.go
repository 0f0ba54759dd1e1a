// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
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

	// onValue gets the text of each value, nil if nobody wants it, and kept is the
	// beginning of the one being read.
	onValue func(text []byte)
	kept    []byte

	depth  int
	object bool // the innermost container is an object
	// objects has a bit for each container, set for objects.
	objects [maxNesting/64 + 1]uint64

	// Of the string, number or literal being read.
	keep  bool   // its text is wanted
	key   bool   // it is a key
	long  bool   // its text did not fit into buf
	first byte   // of the literal
	rest  string // what must follow it
	hex   int    // digits of the \u escape to come
	n     int
	buf   [maxEscaped]byte // as in the body
}

// maxEscaped is the longest that a text of maxText bytes can be in JSON.
const maxEscaped = 6 * maxText

// maxValue bounds what is kept of a value for onValue.
const maxValue = 1 << 20

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
	inNumber
	inLiteral
	broken
)

// plain are the bytes that stand for themselves in a string, and numeric are those
// of numbers.
var plain, numeric = func() (p, n [256]bool) {
	for c := range p {
		p[c] = c >= ' ' && c != '"' && c != '\\'
		n[c] = strings.IndexByte("0123456789+-.eE", byte(c)) >= 0
	}
	return p, n
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
	s.kept = s.kept[:0]
	s.state, s.depth, s.hex = atTop, 0, 0
}

// fail ignores everything until the next reset.
func (s *scanner) fail() {
	s.discard()
	s.state = broken
}

// finish is called where the body ends. It takes what an unfinished value has.
func (s *scanner) finish() {
	if s.state != broken {
		s.takeEvent()
		s.commit()
		s.handOver()
	}
}

func (s *scanner) write(b []byte) {
	for len(b) > 0 && s.state != broken {
		before := b
		switch s.state {
		case inString:
			b = s.inString(b)
		case inEscape:
			b = s.inEscape(b)
		case inNumber:
			b = s.inNumber(b)
		case inLiteral:
			b = s.inLiteral(b)
		default:
			b = s.between(b)
		}
		if s.onValue != nil {
			s.copyValue(before[:len(before)-len(b)])
		}
	}
}

// copyValue keeps the text of a value until it ends, and then hands it on.
func (s *scanner) copyValue(b []byte) {
	s.kept = append(s.kept, b[:min(len(b), maxValue-len(s.kept))]...)
	if s.depth == 0 && s.idle() {
		s.handOver()
	}
}

func (s *scanner) handOver() {
	if s.onValue != nil && len(bytes.TrimSpace(s.kept)) > 0 {
		s.onValue(s.kept)
	}
	s.kept = s.kept[:0]
}

// The next five take bytes from the start of b, which is not empty, and return the
// rest.

func (s *scanner) inString(b []byte) []byte {
	i := 0
	for i < len(b) && plain[b[i]] {
		i++
	}
	s.add(b[:i])
	if i == len(b) {
		return nil
	}
	switch b[i] {
	case '"':
		s.endString()
	case '\\':
		s.add(b[i : i+1])
		s.state = inEscape
	default:
		s.fail()
	}
	return b[i+1:]
}

func (s *scanner) inEscape(b []byte) []byte {
	c := b[0]
	s.add(b[:1])
	switch {
	case s.hex > 0 && strings.IndexByte("0123456789abcdefABCDEF", c) < 0, s.hex == 0 && strings.IndexByte(`"\/bfnrtu`, c) < 0:
		s.fail()
	case s.hex > 0:
		s.hex--
	case c == 'u':
		s.hex = 4
	}
	if s.hex == 0 && s.state != broken {
		s.state = inString
	}
	return b[1:]
}

func (s *scanner) inNumber(b []byte) []byte {
	i := 0
	for i < len(b) && numeric[b[i]] {
		i++
	}
	s.add(b[:i])
	if i < len(b) {
		s.endNumber()
	}
	return b[i:]
}

func (s *scanner) inLiteral(b []byte) []byte {
	if b[0] != s.rest[0] {
		s.fail()
	} else if s.rest = s.rest[1:]; s.rest == "" {
		s.endLiteral()
	}
	return b[1:]
}

func (s *scanner) between(b []byte) []byte {
	if isSpace(b[0]) {
		return b[1:]
	}
	if s.state == atValue && !s.object && (s.node == nil || s.node.field == 0) {
		if n := skipNumbers(b); n > 0 {
			return b[n:]
		}
	}
	s.token(b[0])
	return b[1:]
}

// skipNumbers returns the length of the numbers at the start of b that a comma
// follows, with commas and spaces. Embeddings are megabytes of numbers. It may
// leave any number to the scanner, and always leaves the last one in b.
func skipNumbers(b []byte) int {
	for i := 0; ; {
		j := skipNumber(b, i)
		if j < 0 || j == len(b) || b[j] != ',' {
			return i
		}
		for j++; j < len(b) && isSpace(b[j]); {
			j++
		}
		i = j
	}
}

// skipNumber returns where the number ends that begins at i, or -1.
func skipNumber(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	first := i
	if i = skipDigits(b, i); i < 0 || i-first > 1 && b[first] == '0' {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i = skipDigits(b, i+1); i < 0 {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '-' || b[i] == '+') {
			i++
		}
		i = skipDigits(b, i)
	}
	return i
}

// skipDigits returns where the digits end that begin at i, or -1 if there are none.
func skipDigits(b []byte, i int) int {
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == first {
		return -1
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
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.state, s.keep, s.long, s.n = inNumber, wanted, false, 1
		s.buf[0] = c
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
	s.state, s.keep, s.key, s.long, s.n = inString, keep, false, !keep, 0
}

func (s *scanner) endString() {
	if !s.key && s.node != nil && s.node.field == providers.Delta {
		s.hasDelta = s.hasDelta || s.n > 0 || s.long
		s.after()
		return
	}
	text := s.unescaped()
	if s.key {
		s.node = nil
		if s.keep && text != nil {
			s.node = s.container().keys[string(text)]
		}
		s.state = atColon
		return
	}
	if s.keep {
		s.text(s.node, text)
	}
	s.after()
}

// unescaped returns the text of a string, nil if it is too long or not wanted.
func (s *scanner) unescaped() []byte {
	b := s.buf[:s.n]
	if s.long || !utf8.Valid(b) {
		return nil
	}
	if bytes.IndexByte(b, '\\') >= 0 {
		var text string
		if json.Unmarshal(slices.Concat(quote, b, quote), &text) != nil {
			return nil
		}
		b = []byte(text)
	}
	if len(b) > maxText {
		return nil
	}
	return b
}

var quote = []byte{'"'}

func (s *scanner) endNumber() {
	number := s.buf[:s.n]
	if !s.long && skipNumber(number, 0) != s.n {
		s.fail()
		return
	}
	if s.keep && len(number) <= maxText && !s.long {
		s.number(s.node, number)
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

// add keeps a part of a string or a number.
func (s *scanner) add(b []byte) {
	if s.long = s.long || s.n+len(b) > len(s.buf); !s.long {
		s.n += copy(s.buf[s.n:], b)
	}
}
