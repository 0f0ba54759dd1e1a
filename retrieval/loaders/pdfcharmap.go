// SPDX-License-Identifier: Apache-2.0

package loaders

const (
	maxCode    = 4       // bytes of a code
	maxRanges  = 256     // of codes, which decoding goes through for each code
	maxChars   = 1 << 17 // entries of a map
	maxLetters = 64      // bytes of the text of a code
)

// charMap says which text the codes of a font stand for.
type charMap struct {
	ranges []codeRange
	texts  map[string]string
	left   int // entries that may still be added
}

// codeRange holds codes of the same length.
type codeRange struct{ low, high string }

// readCharMap reads a ToUnicode stream. What is malformed or too much is left out.
func readCharMap(data []byte) charMap {
	m := charMap{texts: map[string]string{}, left: maxChars}
	scan := pdfScanner{data: data}
	for {
		operator, ok := scan.operator()
		if !ok {
			return m
		}
		operands := scan.operands
		switch operator {
		case "endcodespacerange":
			m.addRanges(operands)
		case "endbfchar":
			for ; len(operands) >= 2; operands = operands[2:] {
				m.add(operands[0].string(), operands[1].string())
			}
		case "endbfrange":
			m.addSequences(operands)
		}
	}
}

func (m *charMap) addRanges(operands []pdfToken) {
	for ; len(operands) >= 2 && len(m.ranges) < maxRanges; operands = operands[2:] {
		low, high := operands[0].string(), operands[1].string()
		if len(low) == len(high) && low != "" && len(low) <= maxCode {
			m.ranges = append(m.ranges, codeRange{low, high})
		}
	}
}

func (m *charMap) add(code, text string) {
	if m.left--; m.left >= 0 && code != "" && len(code) <= maxCode && len(text) <= maxLetters {
		m.texts[code] = utf16Text(text)
	}
}

// addSequences reads triples: the first code, the last one, and the text of the
// first one or a list of the texts.
func (m *charMap) addSequences(operands []pdfToken) {
	for len(operands) >= 3 {
		low, high, text := operands[0].string(), operands[1].string(), operands[2]
		operands = operands[3:]
		if text.kind == pdfDelimiter {
			for code := []byte(low); len(operands) > 0; increment(code) {
				text, operands = operands[0], operands[1:]
				if text.kind == pdfDelimiter {
					break
				}
				m.add(string(code), text.string())
			}
			continue
		}
		if len(low) != len(high) || len(text.text) > maxLetters {
			continue
		}
		code, letters := []byte(low), []byte(text.string())
		for string(code) <= high && m.left > 0 {
			m.add(string(code), string(letters))
			if increment(letters); increment(code) {
				break
			}
		}
	}
}

// increment adds one to a number, and reports whether it began anew.
func increment(number []byte) (overflow bool) {
	for i := len(number) - 1; i >= 0; i-- {
		if number[i]++; number[i] != 0 {
			return false
		}
	}
	return true
}
