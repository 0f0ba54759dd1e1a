// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// credentials are the header values that are sent to a backend. A backend may
// echo them in its answers, and the exporters put its words into errors and logs:
// there they are masked. It is nil without any.
type credentials []*regexp.Regexp

// shortestCredential is in bytes: to mask less would spoil words.
const shortestCredential = 6

func credentialsOf(headers map[string]string) (c credentials) {
	var secrets []string
	for _, value := range headers {
		secrets = append(secrets, value)
		// Schemes, lists and pairs: a backend may echo the key alone.
		for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" \t,;", r) }) {
			_, key, _ := strings.Cut(part, "=")
			secrets = append(secrets, part, key)
			if decoded, err := base64.StdEncoding.DecodeString(part); err == nil {
				if user, password, ok := strings.Cut(string(decoded), ":"); ok {
					secrets = append(secrets, string(decoded), user, password)
				}
			}
		}
	}
	// The longest first: a token is a part of its header.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, s := range slices.Compact(secrets) {
		if len(s) >= shortestCredential {
			c = append(c, asEchoed(s))
		}
	}
	return c
}

// asEchoed finds s as it is, and as URLs, JSON and HTML have it: these encode
// characters that are neither letters nor digits.
func asEchoed(s string) *regexp.Regexp {
	var p strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			p.WriteRune(r)
		} else {
			p.WriteString(`(?:` + regexp.QuoteMeta(string(r)) + `|\\.|\\u[0-9a-fA-F]{4}|(?:%[0-9a-fA-F]{2})+|&#?\w+;|\+)`)
		}
	}
	return regexp.MustCompile(p.String())
}

// mask replaces each credential by as many asterisks, so that the lengths inside
// of a protobuf message stay right.
func (c credentials) mask(b []byte) []byte {
	for _, secret := range c {
		b = secret.ReplaceAllFunc(b, func(found []byte) []byte { return bytes.Repeat([]byte("*"), len(found)) })
	}
	return b
}

const (
	// maxAnswer bounds an answer that is read to be masked; OTLP's are short.
	maxAnswer = 1 << 20
	// longestKey is read beyond that: a key that is cut in two would not be known.
	longestKey = 64 << 10
)

// maskBody masks the body of an answer, which is closed.
func (c credentials) maskBody(res *http.Response) error {
	if len(c) == 0 || res.Body == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+longestKey))
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	body = c.mask(body)
	res.Body = io.NopCloser(bytes.NewReader(body[:min(len(body), maxAnswer)]))
	if res.StatusCode >= http.StatusBadRequest {
		return nil // the status says what is wrong, also where the body broke off
	}
	return err
}

// maskErr masks an exporter's error. It has all that a backend says over gRPC, and
// over HTTP its status line and redirects. The masked error has no cause, since
// the text of the cause shows the key.
func (c credentials) maskErr(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if masked := string(c.mask([]byte(text))); masked != text {
		return errors.New(masked)
	}
	return err
}
