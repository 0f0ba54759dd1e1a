// SPDX-License-Identifier: Apache-2.0

package content

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// shortestData is how much base64 is taken for binary data: less is a word.
	shortestData = 64
	// longestHeader bounds how far the comma of a data URL is looked for.
	longestHeader = 160
)

// describeData returns the first runes of s, with pictures and other binary data
// described by size and hash, and whether s goes on behind them.
func describeData(s string, runes int) (out string, more bool) {
	var b strings.Builder
	for at := 0; ; {
		end, more := runePrefix(s[at:], runes)
		window := s[at : at+end]
		d, found := findData(s, at, at+end)
		if !found {
			if at == 0 {
				return window, more
			}
			b.WriteString(window)
			return b.String(), more
		}
		b.WriteString(s[at:d.start])
		b.WriteString(d.text)
		runes -= utf8.RuneCountInString(s[at:d.start]) + utf8.RuneCountInString(d.text)
		if at = d.end; runes <= 0 {
			return b.String(), at < len(s)
		}
	}
}

// data is a stretch of a text that is binary data, and what is written instead.
type data struct {
	start, end int
	text       string
}

// findData finds the first data that starts between from and to. It may end
// behind to.
func findData(s string, from, to int) (data, bool) {
	raw, isRaw := findRaw(s, from, to)
	if isRaw {
		to = raw.start
	}
	if d, ok := findURL(s, from, to); ok {
		return d, true
	}
	return raw, isRaw
}

// findURL finds the first data URL, or JPEG as JSON may write it. Few texts have
// many of these marks.
func findURL(s string, from, to int) (first data, found bool) {
	for _, m := range [...]struct {
		mark     string
		describe func(s string, i int) (data, bool)
	}{{":", dataURLAt}, {"%3", dataURLAt}, {`\/9j`, jpegAt}} {
		for i := from; i < to; i++ {
			at := strings.Index(s[i:to], m.mark)
			if at < 0 {
				break
			}
			i += at
			if d, ok := m.describe(s, i); ok {
				first, found, to = d, true, i
			}
		}
	}
	return first, found
}

func jpegAt(s string, i int) (data, bool) { return describedRun(s, i, "image/jpeg") }

// findRaw finds the first base64 that tells by its beginning what it is. A run of
// shortestRun letters covers a multiple of that number, so that few are looked at.
func findRaw(s string, from, to int) (data, bool) {
	for i := from + shortestRun - 1; i < to; i += shortestRun {
		if !base64Byte[s[i]] {
			continue
		}
		start, end := i, i
		for start > from && base64Byte[s[start-1]] {
			start--
		}
		for end < to && base64Byte[s[end]] {
			end++
		}
		for at, limit := start, min(end, start+longestHeader); at < limit && end-at >= shortestRun; {
			if mime := magic(s[at:end]); mime != "" {
				if d, ok := describedRun(s, at, mime); ok {
					return d, true
				}
			}
			// As in img=iVBOR…, where the sign is a letter of base64, too.
			next := strings.IndexAny(s[at:limit], "=-")
			if next < 0 {
				break
			}
			at += next + 1
		}
		i = max(i, end-end%shortestRun)
	}
	return data{}, false
}

// shortestRun is how many letters stand together in base64 that is wrapped or
// escaped as people do it.
const shortestRun = 16

// base64Byte has the letters of both alphabets.
var base64Byte = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_") {
		t[c] = true
	}
	return t
}()

const scheme = "data"

// dataURLAt describes the data of the URL whose scheme ends with the colon at i,
// which may be percent-encoded.
func dataURLAt(s string, i int) (data, bool) {
	start := i - len(scheme)
	if start < 0 || !strings.EqualFold(s[start:i], scheme) || start > 0 && isLetter(s[start-1]) && (start < 2 || s[start-2] != '\\') {
		return data{}, false
	}
	mime, isBase64, body := dataHeader(s, i)
	switch {
	case body == 0:
		return data{}, false
	case isBase64:
		return describedRun(s, body, "")
	}
	end := textDataEnd(s, body, mime)
	return data{body, end, describe("", s[body:end])}, end > body
}

// dataHeader reads from the colon at i to the comma. body is where the data starts,
// 0 if nowhere.
func dataHeader(s string, i int) (mime string, isBase64 bool, body int) {
	c, size := urlByte(s, i)
	if c != ':' {
		return "", false, 0
	}
	var header strings.Builder
	for j := i + size; j < len(s) && j < i+longestHeader; j += size {
		c, size = urlByte(s, j)
		switch {
		case c == ',':
			mime, params, _ := strings.Cut(strings.ToLower(header.String()), ";")
			return mime, strings.Contains(params, "base64"), j + size
		case isLetter(c), c >= '0' && c <= '9', strings.IndexByte("/;=+-._", c) >= 0:
			header.WriteByte(c)
		case strings.IndexByte(" \t\r\n", c) < 0:
			return "", false, 0
		}
	}
	return "", false, 0
}

// textDataEnd returns the end of data that is not base64, or i for a text, which
// is content like any other.
func textDataEnd(s string, i int, mime string) int {
	kind, _, _ := strings.Cut(mime, "/")
	switch kind {
	case "image", "audio", "video", "application", "font":
	default:
		return i
	}
	rest := s[i:]
	if strings.HasPrefix(rest, "[") {
		return i // described already
	}
	if rest != "" && strings.HasSuffix(mime, "svg+xml") && svgClosings[rest[0]] != nil {
		if closing := svgClosings[rest[0]].FindStringIndex(rest[:min(len(rest), longestSVG)]); closing != nil {
			return i + closing[1]
		}
		return len(s) // it is cut short
	}
	if n := strings.IndexFunc(rest, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'`<>()", r) }); n >= 0 {
		return i + n
	}
	return len(s)
}

// svgClosings are the ends of an SVG by how its first character is written: as it
// is or as in URLs, JSON and HTML.
var svgClosings = map[byte]*regexp.Regexp{
	'<':  regexp.MustCompile(`(?i)<\\?/svg>`),
	'%':  regexp.MustCompile(`(?i)%3c(?:/|%2f)svg%3e`),
	'\\': regexp.MustCompile(`(?i)\\u003c/svg\\u003e`),
	'&':  regexp.MustCompile(`(?i)&lt;/svg&gt;`),
}

// longestSVG bounds the look for the end of one.
const longestSVG = 256 << 10

// base64End returns the end of the base64 that starts at i, and the number of its
// letters. It may be wrapped, spaced, percent-encoded or escaped as in JSON. After
// a gap, words end it.
func base64End(s string, i int) (end, n int) {
	end = i
	for {
		next, letters := base64Run(s, i)
		if letters == 0 {
			return end, n
		}
		gap := skipGap(s, next)
		if i != end && looksLikeWord(s[i:next]) {
			if after, more := base64Run(s, gap); more == 0 || looksLikeWord(s[gap:after]) {
				return end, n
			}
		}
		n, end = n+letters, next
		if gap == next {
			return end, n
		}
		i = gap
	}
}

// base64Run returns the end of letters without a gap, and their number.
func base64Run(s string, i int) (end, n int) {
	for i < len(s) {
		if base64Byte[s[i]] {
			i, n = i+1, n+1
			continue
		}
		c, size := urlByte(s, i)
		if size == 1 || !base64Byte[c] {
			break
		}
		i, n = i+size, n+1
	}
	return i, n
}

// skipGap returns the end of white space, which may be escaped.
func skipGap(s string, i int) int {
	for i < len(s) {
		c, size := urlByte(s, i)
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			break
		}
		i += size
	}
	return i
}

// looksLikeWord tells a word from a line of base64.
func looksLikeWord(s string) bool {
	if len(s) > 24 || strings.ContainsAny(s, "0123456789+/=") {
		return false
	}
	for i := 1; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' && 'a' <= s[i-1] && s[i-1] <= 'z' {
			return false
		}
	}
	return true
}

// urlByte reads one character, which may be percent-encoded or escaped as in JSON.
func urlByte(s string, i int) (c byte, size int) {
	switch {
	case s[i] == '%' && i+2 < len(s):
		if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
			return byte(v), 3
		}
	case s[i] == '\\' && i+1 < len(s):
		switch e := s[i+1]; e {
		case 'n', 'r', 't':
			return ' ', 2
		case '/', '\\', '"':
			return e, 2
		case 'u':
			if i+5 < len(s) {
				if v, err := strconv.ParseUint(s[i+2:i+6], 16, 7); err == nil {
					return byte(v), 6
				}
			}
		}
	}
	return s[i], 1
}

// magics are how base64 of common formats begins.
var magics = []struct{ prefix, mime string }{
	{"iVBORw0KGg", "image/png"},
	{"/9j/", "image/jpeg"},
	{"_9j_", "image/jpeg"},
	{"R0lGOD", "image/gif"},
	{"UklGR", "RIFF"}, // WebP, WAV
	{"Qk0", "image/bmp"},
	{"SUkqA", "image/tiff"},
	{"TU0AK", "image/tiff"},
	{"AAABAA", "image/x-icon"},
	{"PHN2Zy", "image/svg+xml"},
	{"PD94bW", "application/xml"},
	{"JVBERi0", "application/pdf"},
	{"SUQz", "audio/mpeg"},
	{"//uQ", "audio/mpeg"},
	{"//NE", "audio/mpeg"},
	{"//sw", "audio/mpeg"},
	{"//FQ", "audio/aac"},
	{"T2dnUw", "audio/ogg"},
	{"ZkxhQw", "audio/flac"},
	{"GkXfo", "video/webm"},
	{"UEsDB", "application/zip"}, // office documents, too
	{"H4sI", "application/gzip"},
}

func describedRun(s string, start int, mime string) (data, bool) {
	end, n := base64End(s, start)
	if n < shortestData {
		return data{}, false
	}
	return data{start, end, describe(mime, s[start:end])}, true
}

func magic(s string) string {
	for _, m := range magics {
		if strings.HasPrefix(s, m.prefix) {
			return m.mime
		}
	}
	// ISO media files (MP4, HEIC, AVIF) have "ftyp" at the fifth byte.
	if len(s) > 10 && s[:4] == "AAAA" && s[5:10] == "GZ0eX" {
		return "video/mp4"
	}
	return ""
}

func describe(mime, s string) string {
	if mime != "" {
		mime += ", "
	}
	sum := sha256.Sum256([]byte(s))
	return "[" + mime + strconv.Itoa(len(s)) + " characters, sha256:" + hex.EncodeToString(sum[:8]) + "]"
}

// isAllBase64 reports whether a text is nothing but base64, and long enough for
// binary data.
func isAllBase64(s string) bool {
	end, n := base64End(s, 0)
	return n >= shortestData && strings.TrimSpace(s[end:]) == ""
}

// dataKeys are keys under which base64 stands. Under those that are false it does
// where the object says of which type or format it is, as the blocks of Anthropic,
// Google, OpenAI and MCP do with one of typeKeys.
var (
	dataKeys = map[string]bool{"blob": true, "b64_json": true, "file_data": true, "base64": true, "data": false, "bytes": false}
	typeKeys = map[string]bool{"mimeType": true, "media_type": true, "mime_type": true, "mediaType": true, "format": true}
)

// dataURL returns the type of a URL that carries its data. The type ends at the
// first ";" or "," ("data:image/svg+xml,<svg…" has no ";"), and may be left out.
func dataURL(u string) (mime string, ok bool) {
	u = strings.TrimSpace(u)
	if len(u) <= len(scheme) || !strings.EqualFold(u[:len(scheme)], scheme) {
		return "", false
	}
	c, _ := urlByte(u, len(scheme))
	mime, _, _ = dataHeader(u, len(scheme))
	return mime, c == ':'
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
