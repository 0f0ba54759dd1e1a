// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"strconv"
	"strings"
)

// textWriter is the text of a page so far.
type textWriter struct {
	out   []byte
	limit int
}

func (w *textWriter) write(s string) { w.out = append(w.out, s...) }

// separate ends a line or a word, once.
func (w *textWriter) separate(by byte) {
	if n := len(w.out); n > 0 && w.out[n-1] != by && w.out[n-1] != '\n' {
		w.out = append(w.out, by)
	}
}

// A gap in an array of strings that is wider than this, in thousandths of the font's
// size, is a space between words.
const wordGap = -200

// showText writes the text that the operators of a page show. It reads the content
// once and keeps nothing but the operands of one operator.
func showText(content []byte, w *textWriter, fontOf func(name string) (*font, error)) error {
	scan := pdfScanner{data: content}
	var (
		current *font
		height  string // of the last line that a matrix began
	)
	for {
		operator, ok := scan.operator()
		if !ok {
			return nil
		}
		switch operator {
		case "Tf":
			f, err := fontOf(scan.operand(2).text)
			if err != nil {
				return err
			}
			current = f
		case "BT", "T*":
			w.separate('\n')
		case "Td", "TD":
			if scan.operand(1).number() != 0 {
				w.separate('\n')
			}
		case "Tm":
			if y := scan.operand(1).text; y != height {
				height = y
				w.separate('\n')
			}
		case "Tj":
			current.show(w, scan.operand(1).string())
		case "'", `"`:
			w.separate('\n')
			current.show(w, scan.operand(1).string())
		case "TJ":
			for _, o := range scan.operands {
				if o.number() < wordGap {
					w.separate(' ')
				}
				current.show(w, o.string())
			}
		case "ID":
			scan.skipImage()
		}
		if len(w.out) > w.limit {
			return errTooLarge
		}
	}
}

type pdfKind uint8

const (
	pdfEnd pdfKind = iota
	pdfString
	pdfName
	pdfNumber
	pdfDelimiter // of an array or a dictionary
	pdfOperator
)

type pdfToken struct {
	kind pdfKind
	text string
}

func (t pdfToken) string() string {
	if t.kind != pdfString {
		return ""
	}
	return t.text
}

func (t pdfToken) number() float64 {
	if t.kind != pdfNumber {
		return 0
	}
	f, _ := strconv.ParseFloat(t.text, 64)
	return f
}

// pdfScanner splits a content stream or a character map into tokens. Each call of
// next takes at least a byte, and containers are tokens: nothing nests.
type pdfScanner struct {
	data     []byte
	pos      int
	operands []pdfToken // of the last operator
}

// maxOperands is more than any operator has. What is too much is left out.
const maxOperands = 1 << 16

// operator goes on to the next operator, which stands behind its operands.
func (s *pdfScanner) operator() (name string, ok bool) {
	s.operands = s.operands[:0]
	for {
		token := s.next()
		switch {
		case token.kind == pdfEnd || token.kind == pdfOperator:
			return token.text, token.kind == pdfOperator
		case len(s.operands) < maxOperands:
			s.operands = append(s.operands, token)
		}
	}
}

// operand returns the n-th operand from the end.
func (s *pdfScanner) operand(n int) pdfToken {
	if n > len(s.operands) {
		return pdfToken{}
	}
	return s.operands[len(s.operands)-n]
}

const (
	pdfSpace      = "\x00\t\n\f\r "
	pdfDelimiters = "()<>[]{}/%"
)

func isPDFSpace(c byte) bool { return strings.IndexByte(pdfSpace, c) >= 0 }

func (s *pdfScanner) next() pdfToken {
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		switch {
		case isPDFSpace(c):
		case c == '%':
			if end := bytes.IndexAny(s.data[s.pos:], "\r\n"); end >= 0 {
				s.pos += end
			} else {
				s.pos = len(s.data)
			}
		case c == '(':
			return pdfToken{pdfString, s.literal()}
		case c == '<' && (s.pos == len(s.data) || s.data[s.pos] != '<'):
			return pdfToken{pdfString, s.hex()}
		case c == '<' || c == '>' && s.pos < len(s.data) && s.data[s.pos] == '>':
			s.pos++
			return pdfToken{pdfDelimiter, ""}
		case c == '/':
			return pdfToken{pdfName, pdfNameOf(s.word())}
		case strings.IndexByte(pdfDelimiters, c) >= 0:
			return pdfToken{pdfDelimiter, string(c)}
		default:
			s.pos--
			word := s.word()
			if _, err := strconv.ParseFloat(word, 64); err == nil && (c < 'A' || c > 'z') {
				return pdfToken{pdfNumber, word}
			}
			return pdfToken{pdfOperator, word}
		}
	}
	return pdfToken{}
}

// word takes all up to a space or a delimiter.
func (s *pdfScanner) word() string {
	rest := s.data[s.pos:]
	end := bytes.IndexAny(rest, pdfSpace+pdfDelimiters)
	if end < 0 {
		end = len(rest)
	}
	s.pos += end
	return string(rest[:end])
}

// pdfNameOf resolves the escapes of a name: "#20" is a space.
func pdfNameOf(word string) string {
	var out []byte
	for i := 0; i < len(word); i++ {
		if word[i] == '#' && i+2 < len(word) {
			if n, err := strconv.ParseUint(word[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, word[i])
	}
	return string(out)
}

const hexDigits = "0123456789ABCDEFabcdef"

// hex takes the rest of a string such as <48656C>.
func (s *pdfScanner) hex() string {
	var out []byte
	half := -1
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		if c == '>' {
			break
		}
		n := strings.IndexByte(hexDigits, c)
		switch {
		case n < 0:
			continue
		case n > 15: // lower case
			n -= 6
		}
		switch {
		case half < 0:
			half = n
		default:
			out = append(out, byte(half<<4|n))
			half = -1
		}
	}
	if half >= 0 {
		out = append(out, byte(half<<4))
	}
	return string(out)
}

var pdfEscapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

// literal takes the rest of a string such as (Hello).
func (s *pdfScanner) literal() string {
	var out []byte
	for depth := 1; s.pos < len(s.data); {
		c := s.data[s.pos]
		s.pos++
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return string(out)
			}
		case '\\':
			var ok bool
			if c, ok = s.escape(); !ok {
				continue
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// escape returns the byte that stands behind a backslash. It is none at the end of a
// line.
func (s *pdfScanner) escape() (c byte, ok bool) {
	if s.pos == len(s.data) {
		return 0, false
	}
	c = s.data[s.pos]
	s.pos++
	switch {
	case c == '\r':
		if s.pos < len(s.data) && s.data[s.pos] == '\n' {
			s.pos++
		}
		return 0, false
	case c == '\n':
		return 0, false
	case c >= '0' && c <= '7':
		n := c - '0'
		for i := 0; i < 2 && s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '7'; i++ {
			n = n<<3 | (s.data[s.pos] - '0')
			s.pos++
		}
		return n, true
	}
	if e, known := pdfEscapes[c]; known {
		return e, true
	}
	return c, true
}

// skipImage goes on behind the data of an image, which may look like operators.
func (s *pdfScanner) skipImage() {
	for s.pos < len(s.data) {
		end := bytes.Index(s.data[s.pos:], []byte("EI"))
		if end < 0 {
			s.pos = len(s.data)
			return
		}
		at := s.pos + end
		s.pos = at + len("EI")
		if at > 0 && isPDFSpace(s.data[at-1]) && (s.pos == len(s.data) || isPDFSpace(s.data[s.pos])) {
			return
		}
	}
}
