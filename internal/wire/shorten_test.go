// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
)

func TestShorten(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"short","b":[1,"x"]}`:           `{"a":"short","b":[1,"x"]}`,
		`{"a":"0123456789abcdef","b":1}`:      `{"a":"0123456789…","b":1}`,
		`{"a":"0123\u00e9\"6789abc","b":1}`:   `{"a":"0123\u00e9…","b":1}`,
		`{"a":"01234\"6789abcdef\\","b":"c"}`: `{"a":"01234…","b":"c"}`,
	} {
		got := string(Shorten(iotest.OneByteReader(strings.NewReader(in)), 10))
		assert.Equal(t, want, got)
		assert.True(t, json.Valid([]byte(got)))
	}
	assert.LessOrEqual(t, len(Shorten(strings.NewReader(strings.Repeat(`"x",`, 3<<20)), 10)), maxShort)
}

// Each value of a body is handed on, however the body is cut and laid out.
func TestOnValue(t *testing.T) {
	for _, c := range []struct{ contentType, body string }{
		{"text/event-stream", "event: a\r\ndata: {\"a\":1}\r\n\r\ndata: {\"b\":\r\ndata: [2]}\r\n\r\ndata: [DONE]\r\n\r\n"},
		{"application/x-ndjson", "{\"a\":1}\nnonsense\n{\"b\":\n{\"b\":[2]}\n"},
		{"application/json", ` {"a":1} {"b":[2]} `},
	} {
		for size := 1; size < len(c.body); size++ {
			p := NewParser(c.contentType, "")
			var got []string
			p.OnValue(func(text []byte) { got = append(got, strings.Join(strings.Fields(string(text)), "")) })
			for i := 0; i < len(c.body); i += size {
				p.Write([]byte(c.body[i:min(i+size, len(c.body))]))
			}
			p.Close()
			assert.Equal(t, []string{`{"a":1}`, `{"b":[2]}`}, got, "%s in pieces of %d", c.contentType, size)
		}
	}
}

// A value that the end of the body cuts off is handed on as far as it came.
func TestOnValueCutOff(t *testing.T) {
	p := NewParser("application/json", "")
	var got string
	p.OnValue(func(text []byte) { got = string(text) })
	p.Write([]byte(`{"a":1,"b":"begin`))
	p.Close()
	assert.Equal(t, `{"a":1,"b":"begin`, got) //nolint:testifylint // it is no JSON
}
