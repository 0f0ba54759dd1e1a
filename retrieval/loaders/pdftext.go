// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// textWriter is the text of a page so far.
type textWriter struct {
	out   []byte
	limit int
}

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
	scan := pdfScanner{rest: content}
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
			var err error
			if current, err = fontOf(scan.operand(2).text); err != nil {
				return err
			}
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

// pdfScanner splits a content stream or a ToUnicode stream into tokens. Containers
// are tokens: nothing nests.
type pdfScanner struct {
	rest     []byte
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

func (s *pdfScanner) next() pdfToken {
	s.rest = bytes.TrimLeft(s.rest, pdfSpace)
	for len(s.rest) > 0 && s.rest[0] == '%' {
		s.until("\r\n")
		s.rest = bytes.TrimLeft(s.rest, pdfSpace)
	}
	if len(s.rest) == 0 {
		return pdfToken{}
	}
	switch c := s.rest[0]; {
	case c == '(':
		return pdfToken{pdfString, s.literal()}
	case bytes.HasPrefix(s.rest, []byte("<<")), bytes.HasPrefix(s.rest, []byte(">>")):
		return pdfToken{pdfDelimiter, s.take(2)}
	case c == '<':
		digits := s.until(">")
		s.take(min(1, len(s.rest)))
		return pdfToken{pdfString, hexString(digits)}
	case c == '/':
		s.take(1)
		word := s.until(pdfSpace + pdfDelimiters)
		if name, err := types.DecodeName(word); err == nil {
			word = name
		}
		return pdfToken{pdfName, word}
	case strings.IndexByte(pdfDelimiters, c) >= 0:
		return pdfToken{pdfDelimiter, s.take(1)}
	default:
		word := s.until(pdfSpace + pdfDelimiters)
		if _, err := strconv.ParseFloat(word, 64); err == nil && c < 'A' {
			return pdfToken{pdfNumber, word}
		}
		return pdfToken{pdfOperator, word}
	}
}

func (s *pdfScanner) take(n int) string {
	taken := string(s.rest[:n])
	s.rest = s.rest[n:]
	return taken
}

// until takes all up to the first of these bytes.
func (s *pdfScanner) until(ends string) string {
	if n := bytes.IndexAny(s.rest, ends); n >= 0 {
		return s.take(n)
	}
	return s.take(len(s.rest))
}

// hexString decodes the digits of a string such as <48656C>, and skips all else.
func hexString(digits string) string {
	digits = strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789ABCDEFabcdef", r) {
			return r
		}
		return -1
	}, digits)
	if len(digits)%2 != 0 {
		digits += "0"
	}
	decoded, _ := hex.DecodeString(digits)
	return string(decoded)
}

// literal takes a string such as (Hello).
func (s *pdfScanner) literal() string {
	depth, end := 0, 0
	for ; end < len(s.rest); end++ {
		switch s.rest[end] {
		case '\\':
			end++
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	end = min(end, len(s.rest))
	text := s.take(end)[1:]
	s.take(min(1, len(s.rest)))
	if unescaped, err := types.Unescape(text); err == nil {
		return string(unescaped)
	}
	return text
}

var imageEnd = regexp.MustCompile(`[\x00\s]EI(?:[\x00\s]|$)`)

// skipImage goes on behind the data of an image, which may look like operators.
func (s *pdfScanner) skipImage() {
	end := len(s.rest)
	if at := imageEnd.FindIndex(s.rest); at != nil {
		end = at[1]
	}
	s.rest = s.rest[end:]
}
