// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	dataScheme = "data:"
	inBase64   = ";base64,"
	// shortestData is how much base64 is taken for binary data: less is a word.
	shortestData = 64
	// longestType bounds how far a data URL's type is looked for.
	longestType = 128
)

// DescribeData replaces the data of every data URL inside a text by its size and
// hash: pictures come in Markdown and HTML, too, and are not inlined anywhere.
func DescribeData(text string) string {
	if !strings.Contains(text, inBase64) {
		return text
	}
	var b strings.Builder
	done := 0
	for {
		at := strings.Index(text[done:], inBase64)
		if at < 0 {
			break
		}
		from := done + at + len(inBase64)
		end := from
		for end < len(text) && isBase64(text[end]) {
			end++
		}
		head := text[max(done, done+at-longestType) : done+at]
		if i := strings.LastIndex(strings.ToLower(head), dataScheme); i < 0 || strings.ContainsAny(head[i:], " \t\r\n\"'()<>") || end-from < shortestData {
			b.WriteString(text[done:end])
			done = end
			continue
		}
		sum := sha256.Sum256([]byte(text[from:end]))
		fmt.Fprintf(&b, "%s[%d characters, sha256:%s]", text[done:from], end-from, hex.EncodeToString(sum[:8]))
		done = end
	}
	b.WriteString(text[done:])
	return b.String()
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("+/=-_", c) >= 0
}
