// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
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

// imageEnd stands behind the data of an image, which may look like operators.
var imageEnd = regexp.MustCompile(`[\x00\s]EI(?:[\x00\s]|$)`)

// showText writes the text that the operators of a page show.
func showText(content string, w *textWriter, fontOf func(name string) *font) error {
	scan := pdfScanner{rest: content}
	var current *font
	var height float64 // of the last line that a matrix began
	for operator, ok := scan.operator(); ok; operator, ok = scan.operator() {
		switch operator {
		case "Tf":
			name, _ := scan.operand(2).(types.Name)
			current = fontOf(string(name))
		case "BT", "T*":
			w.separate('\n')
		case "Td", "TD":
			if numberOf(scan.operand(1)) != 0 {
				w.separate('\n')
			}
		case "Tm":
			if y := numberOf(scan.operand(1)); y != height {
				height = y
				w.separate('\n')
			}
		case "'", `"`:
			w.separate('\n')
			current.show(w, stringOf(scan.operand(1)))
		case "Tj", "TJ":
			for _, o := range scan.operands {
				if numberOf(o) < wordGap {
					w.separate(' ')
				}
				current.show(w, stringOf(o))
			}
		case "ID":
			at := imageEnd.FindStringIndex(scan.rest)
			if at == nil {
				return nil
			}
			scan.rest = scan.rest[at[1]:]
		}
		if len(w.out) > w.limit {
			return errTooLarge
		}
	}
	return nil
}

var withoutSpace = strings.NewReplacer("\x00", "", "\t", "", "\n", "", "\f", "", "\r", "", " ", "")

// pdfScanner splits a content stream or a ToUnicode stream into operators and their
// operands. Nothing nests: brackets of arrays and dictionaries are operands, too.
type pdfScanner struct {
	rest     string
	operands []types.Object // of the last operator, nil for brackets
}

const (
	// maxOperands is more than any operator has. What is too much is left out.
	maxOperands   = 1 << 16
	pdfSpace      = "\x00\t\n\f\r "
	pdfDelimiters = "()<>[]{}/%"
)

// operator goes on to the next operator, which stands behind its operands. A
// malformed operand ends the stream.
func (s *pdfScanner) operator() (name string, ok bool) {
	s.operands = s.operands[:0]
	for {
		s.rest = strings.TrimLeft(s.rest, pdfSpace)
		if s.rest == "" {
			return "", false
		}
		var operand types.Object
		switch c := s.rest[0]; {
		case c == '%':
			s.until("\r\n")
			continue
		case strings.HasPrefix(s.rest, "<<"), strings.HasPrefix(s.rest, ">>"):
			s.rest = s.rest[2:]
		case c == '<': // The library takes the end of a line for that of a byte.
			operand = types.HexLiteral(withoutSpace.Replace(s.until(">")[1:]))
			s.rest = strings.TrimPrefix(s.rest, ">")
		case strings.IndexByte("(/+-.0123456789", c) >= 0:
			var err error
			if operand, err = model.ParseObject(&s.rest); err != nil {
				return "", false
			}
		case strings.IndexByte(pdfDelimiters, c) >= 0:
			s.rest = s.rest[1:]
		default:
			return s.until(pdfSpace + pdfDelimiters), true
		}
		if len(s.operands) < maxOperands {
			s.operands = append(s.operands, operand)
		}
	}
}

// until takes all up to the first of these bytes.
func (s *pdfScanner) until(ends string) (taken string) {
	end := strings.IndexAny(s.rest, ends)
	if end < 0 {
		end = len(s.rest)
	}
	taken, s.rest = s.rest[:end], s.rest[end:]
	return taken
}

// operand returns the n-th operand from the end, or nil.
func (s *pdfScanner) operand(n int) (o types.Object) {
	if n <= len(s.operands) {
		o = s.operands[len(s.operands)-n]
	}
	return o
}

func numberOf(o types.Object) float64 {
	switch o := o.(type) {
	case types.Integer:
		return float64(o)
	case types.Float:
		return float64(o)
	}
	return 0
}

func stringOf(o types.Object) string {
	var decoded []byte
	switch o := o.(type) {
	case types.StringLiteral:
		decoded, _ = types.Unescape(string(o))
	case types.HexLiteral:
		decoded, _ = hex.DecodeString(string(o) + "0"[:len(o)%2])
	}
	return string(decoded)
}
