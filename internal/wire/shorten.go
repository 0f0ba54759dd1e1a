// SPDX-License-Identifier: Apache-2.0

package wire

import "io"

// maxShort bounds what Shorten returns.
const maxShort = 4 << 20

// Shorten reads JSON and cuts each string in it off after so many bytes, with an
// ellipsis: what stands behind a large image is still found. Of what is longer than
// 4 MiB all the same, and of what r fails at, it returns the beginning.
func Shorten(r io.Reader, maxString int) []byte {
	var out []byte
	var inString, escaped, cut bool
	var n int // bytes of the string so far, without the quotation mark
	buf := make([]byte, 32<<10)
	for {
		got, err := r.Read(buf)
		for _, c := range buf[:got] {
			switch {
			case !inString:
				inString, n, cut = c == '"', -1, false
			case escaped:
				escaped = false
			case c == '"':
				inString = false
			case c == '\\':
				escaped = true
				fallthrough
			default:
				// An escape has six bytes at most, which stay together.
				if !cut && n > maxString-6 && (c == '\\' || n >= maxString) {
					cut = true
					out = append(out, "…"...)
				}
			}
			if n++; !cut || !inString {
				out = append(out, c)
			}
		}
		if err != nil || len(out) > maxShort {
			return out[:min(len(out), maxShort)]
		}
	}
}
