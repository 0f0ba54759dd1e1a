// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spanloom/spanloom/internal/providers"
)

var fuzzTypes = []string{typeJSON, typeEvents, typeLines, ""}

// FuzzParser feeds any bytes as any kind of body: the pieces it comes in make
// no difference, and of a JSON document it finds what encoding/json does. Codings
// have their own tests: their goroutines keep the fuzzer from telling which
// inputs are new.
func FuzzParser(f *testing.F) {
	for i, s := range shapes {
		f.Add([]byte(s.body), byte(i), uint64(i))
	}
	for _, s := range []string{
		"\xEF\xBB\xBF{\"id\":\"x\"}", `[{"id":"x"},[{"id":"z"}],{"id":"y"}]`, `{"id":"\ud83d\ude00\ud83d\u0041"}`, `{"\u0069d":1e3}`,
		`[0,-0.5,1e-05,01,1.,-]`, `{"id":"a","id":"","id":null,"id":{"id":"b"}}`, `{"response_id":"r","generation_id":"g"}`,
		"data:[\r\n\r\ndata:[DONE]", "data: {\"id\":\r\ndata:\"x\"}\r\r", "{\"id\":\"x\n{\"id\":\"y\"}\n",
	} {
		for i := range fuzzTypes {
			f.Add([]byte(s), byte(i), uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, kind byte, seed uint64) {
		contentType := fuzzTypes[int(kind)%len(fuzzTypes)]
		k := samePieces(t, contentType, body, seed)
		if contentType == typeJSON && len(body) > 0 && (body[0] == '{' || body[0] == '[') {
			checkDocument(t, body, k)
		}
	})
}

func samePieces(t *testing.T, contentType string, b []byte, seed uint64) values {
	all, version := read(contentType, [][]byte{b})
	for _, pieces := range [][][]byte{bytewise(b), split(b, rand.New(rand.NewPCG(seed, 0)))} {
		if k, v := read(contentType, pieces); k != all || v != version {
			t.Errorf("in %d pieces: %+v in version %d, want %+v in version %d", len(pieces), k, v, all, version)
		}
	}
	check(t, all.response())
	return all
}

func read(contentType string, pieces [][]byte) (values, int) {
	p := NewParser(contentType, "")
	for _, b := range pieces {
		p.Write(b)
	}
	p.Close()
	return p.scan.committed, p.scan.version
}

func check(t *testing.T, f Response) {
	for _, s := range append([]string{f.ID, f.Model}, f.FinishReason...) {
		if len(s) > maxText || !utf8.ValidString(s) {
			t.Errorf("text %q", s)
		}
	}
	u := f.Usage
	for _, n := range []int{u.Input, u.Output, u.CacheRead, u.CacheCreation, u.Reasoning} {
		if n < 0 || n > 3*maxTokens {
			t.Errorf("usage %+v", u)
		}
	}
	if len(f.FinishReason) > maxChoices || slices.Contains(f.FinishReason, "") {
		t.Errorf("reasons %q", f.FinishReason)
	}
}

// checkDocument compares with encoding/json, which has the first value only.
func checkDocument(t *testing.T, body []byte, k values) {
	var first json.RawMessage
	valid := json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil
	if !bytes.Contains(body, []byte("false")) && valid != k.complete {
		t.Errorf("complete is %t, valid is %t", k.complete, valid)
	}
	if !json.Valid(body) || !utf8.Valid(body) {
		return
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var o oracle
	o.value(d, nil)
	if k.id != o.id || k.model != o.model {
		t.Errorf("id %q, model %q, want %q and %q", k.id, k.model, o.id, o.model)
	}
}

// oracle finds ids by the slow and certain way.
type oracle struct {
	id, model string
	strong    bool
}

func (o *oracle) value(d *json.Decoder, path []string) {
	tok, _ := d.Token()
	switch v := tok.(type) {
	case json.Delim:
		for i := 0; d.More(); i++ {
			var next []string
			if v == '{' {
				key, _ := d.Token()
				next = append(slices.Clone(path), key.(string))
			} else if next = []string{}; path != nil {
				next = append(slices.Clone(path), "\xff")
			}
			o.value(d, next)
		}
		_, _ = d.Token()
	case string:
		o.text(path, v, true)
	case json.Number:
		o.text(path, v.String(), false)
	}
}

func (o *oracle) text(path []string, v string, isText bool) {
	if v == "" || len(v) > maxText {
		return
	}
	for known, field := range providers.Known.Paths {
		if !slices.Equal(path, strings.Split(known, ".")) {
			continue
		}
		fallback := field&providers.Fallback != 0
		switch field &^ providers.Fallback {
		case providers.Model:
			if isText {
				o.model = v
			}
		case providers.ID:
			if !fallback || !o.strong {
				o.id = v
				o.strong = o.strong || !fallback
			}
		}
	}
}
