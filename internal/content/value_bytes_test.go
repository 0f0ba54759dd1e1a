// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"
)

type Scan struct {
	Name string `json:"name"`
	Page []byte `json:"page,omitempty"`
	Next any
	Skip string `json:"-"`
	own  []byte
}

type book struct {
	*Scan
	Pages [][]byte
}

// A picture in a struct must not turn into a megabyte of base64 on the span.
func TestBytesAreDescribedWhereverTheyAre(t *testing.T) {
	picture := []byte(strings.Repeat("picture!", 100))
	ring := &Scan{Name: "ring", Page: picture}
	ring.Next = ring
	table := map[string]Scan{}
	table["a"] = Scan{Page: picture, Next: table}
	type blob []byte
	for name, tc := range map[string]struct {
		in   any
		want string
	}{
		"struct":                   {Scan{Name: "a", Page: picture, Skip: "s", own: picture}, `{"name":"a","page":MARK,"Next":null}`},
		"pointer":                  {&Scan{Page: picture}, `{"name":"","page":MARK,"Next":null}`},
		"nil pointer":              {(*Scan)(nil), `null`},
		"embedded":                 {book{&Scan{Name: "b"}, [][]byte{picture}}, `{"name":"b","Next":null,"Pages":[MARK]}`},
		"slices":                   {[][]byte{picture, nil}, `[MARK,null]`},
		"map":                      {map[string][]byte{"p": picture}, `{"p":MARK}`},
		"array":                    {[1][]byte{picture}, `[MARK]`},
		"other keys":               {map[int][]byte{1: picture}, `{"1":MARK}`},
		"type":                     {blob(picture), `MARK`},
		"interface":                {map[string]any{"s": Scan{Next: picture}}, `{"s":{"name":"","Next":MARK}}`},
		"cycle":                    {ring, `{"name":"ring","page":MARK,"Next":"<*content.Scan>"}`},
		"cycle of maps":            {table, `{"a":{"name":"","page":MARK,"Next":"<map[string]content.Scan>"}}`},
		"message":                  {llms.MessageContent{Role: llms.ChatMessageTypeHuman, Parts: []llms.ContentPart{llms.BinaryPart("image/png", picture)}}, `{"role":"user","parts":[IMAGE]}`},
		"parts":                    {[]llms.ContentPart{llms.BinaryPart("image/png", picture)}, `[IMAGE]`},
		"behind an interface":      {struct{ Data any }{picture}, `{"Data":MARK}`},
		"in a map in a struct":     {struct{ M map[string]any }{map[string]any{"i": picture}}, `{"M":{"i":MARK}}`},
		"a part in a struct":       {struct{ P any }{llms.BinaryPart("image/png", picture)}, `{"P":IMAGE}`},
		"a struct in a map":        {map[string]any{"i": struct{ Data any }{picture}}, `{"i":{"Data":MARK}}`},
		"array of bytes":           {struct{ A [800]byte }{[800]byte(picture)}, `{"A":MARK}`},
		"nothing behind it":        {struct{ Data any }{}, `{"Data":null}`},
		"something else behind it": {struct{ Data any }{map[string]int{"n": 1}}, `{"Data":{"n":1}}`},
		"raw JSON":                 {json.RawMessage(`{"a":1}`), `{"a":1}`},
		"an address":               {map[string]net.IP{"ip": net.IPv4(127, 0, 0, 1)}, `{"ip":"127.0.0.1"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := Text(tc.in, verbatim())
			want := strings.ReplaceAll(tc.want, "MARK", marshal(binary("", "", picture, verbatim())))
			want = strings.ReplaceAll(want, "IMAGE", marshal(binary("image", "image/png", picture, verbatim())))
			assert.JSONEq(t, want, got)
			assert.NotContains(t, got, base64.StdEncoding.EncodeToString(picture)[:40])
		})
	}
}

func TestArguments(t *testing.T) {
	for in, want := range map[string]string{
		`what is "X"?`:                     `shut`,
		` {"q":"bob","n":1,"ok":true} `:    `{"n":"shut","ok":true,"q":"shut"}`,
		`[]`:                               `[]`,
		`{"q":`:                            `shut`,
		`7`:                                `shut`,
		"":                                 `shut`,
		`{"a":{"b":["x",null,{"c":"d"}]}}`: `{"a":{"b":["shut",null,{"c":"shut"}]}}`,
	} {
		assert.Equal(t, want, Arguments(in, each(func(string) string { return "shut" })), in)
	}
	const readable = `{"q":"مرحبا <b>"}`
	assert.Contains(t, Arguments(readable, verbatim()), "مرحبا <b>", "letters are not escaped")
	assert.JSONEq(t, `{"q":"bob"}`, Arguments(map[string]any{"q": "bob"}, verbatim()))
}
