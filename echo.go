// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// credentials are the header values that are sent to a backend. A backend may
// echo them in its answers, and the exporters put its words into errors and logs:
// there they are masked.
type credentials []string

// shortestCredential is in bytes: to mask less would spoil words.
const shortestCredential = 6

func credentialsOf(headers map[string]string) credentials {
	var c credentials
	for _, value := range headers {
		c.add(value)
		// Schemes, lists and pairs: a backend may echo the key alone.
		for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" \t,;", r) }) {
			c.add(part)
			if _, key, ok := strings.Cut(part, "="); ok {
				c.add(key)
			}
			if decoded, err := base64.StdEncoding.DecodeString(part); err == nil && strings.Contains(string(decoded), ":") {
				user, password, _ := strings.Cut(string(decoded), ":")
				c.add(string(decoded))
				c.add(user)
				c.add(password)
			}
		}
	}
	// The longest first: a token is a part of its header.
	slices.SortFunc(c, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(c)
}

func (c *credentials) add(s string) {
	asJSON, _ := json.Marshal(s) // a string never fails
	forms := []string{
		s, url.QueryEscape(s), url.PathEscape(s), lowerEscapes(url.QueryEscape(s)), strings.ReplaceAll(s, "/", `\/`),
		string(asJSON[1 : len(asJSON)-1]), strings.ReplaceAll(string(asJSON[1:len(asJSON)-1]), "/", `\/`), html.EscapeString(s),
	}
	for _, form := range forms {
		if len(form) >= shortestCredential && !slices.Contains(*c, form) {
			*c = append(*c, form)
		}
	}
}

// lowerEscapes turns %2B into %2b, as some servers write it.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], bytes.ToLower(b[i:i+3]))
		}
	}
	return string(b)
}

// mask replaces each credential by as many asterisks, so that the lengths inside
// of a protobuf message stay right.
func (c credentials) mask(b []byte) []byte {
	for _, s := range c {
		if bytes.Contains(b, []byte(s)) {
			b = bytes.ReplaceAll(b, []byte(s), bytes.Repeat([]byte("*"), len(s)))
		}
	}
	return b
}

func (c credentials) maskString(s string) string { return string(c.mask([]byte(s))) }

// maxAnswer bounds an answer that is read to be masked; OTLP's are short.
const maxAnswer = 1 << 20

// maskBody masks the body of an answer, which is closed.
func (c credentials) maskBody(res *http.Response) error {
	if len(c) == 0 || res.Body == nil {
		return nil
	}
	// A key that the border cuts in two would not be known.
	longest := int64(len(c[0]))
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+longest))
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

// maskErr masks an exporter's error. Of gRPC that is the only place for a backend's
// words, and of HTTP that for its status line and a redirect. The masked error has no cause, since the cause's text shows the key.
func (c credentials) maskErr(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if masked := c.maskString(text); masked != text {
		return errors.New(masked)
	}
	return err
}
