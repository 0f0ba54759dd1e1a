// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spanloom/spanloom/internal/genai"
)

// Policy decides what becomes of one text (a message part, a document, a query,
// a tool argument) before it reaches a span. It must be safe for concurrent
// use. The nil Policy records nothing. A Policy that panics loses that text,
// never the call.
type Policy func(text string) string

// None records no content: the default.
var None Policy

// Verbatim records content as it is.
func Verbatim(text string) string { return text }

// Hash replaces a text by the first 16 hexadecimal digits of its SHA-256 and
// its length in runes, "sha256:2cf24dba5fb0a30e (5)": equal texts can be found,
// the text cannot be read.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:8]) + " (" + strconv.Itoa(utf8.RuneCountInString(text)) + ")"
}

// withheld stands for content that a policy failed on, or that was taken out of
// an error's text.
const withheld = "[withheld]"

// gate makes the policy and the limit one function. The policy sees the whole
// text: a number cut in half would no longer look like one.
func (p Policy) gate(limit int) genai.Gate {
	return func(s string) (out string) {
		defer func() {
			if recover() != nil {
				out = withheld
			}
		}()
		// One invalid byte makes protobuf refuse the whole batch of spans.
		return cut(strings.ToValidUTF8(p(genai.DescribeData(s)), "�"), limit)
	}
}

// cut shortens s to limit runes, the ellipsis included.
func cut(s string, limit int) string {
	if limit <= 0 || len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "…"
		}
	}
	return s
}

// RecordsContent reports whether the Handler has a content policy other than
// [None].
func (h *Handler) RecordsContent() bool { return h != nil && h.cfg.policy != nil }
