// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// benchTexts are what a program sends, and the worst of what it might.
var benchTexts = map[string]string{
	"prose": "It was late when the two of them came down to the harbour, and the wind had turned. \"We will not sail before morning,\" said the " +
		"older one; the boats (there were 12 of them) lay still. Nobody had told them about the key to the shed, or where the password for the gate was kept. ",
	"code": "func (s *Server) handle(w http.ResponseWriter, r *http.Request) {\n\tid := r.URL.Query().Get(\"id\")\n\tif id == \"\" || len(id) > 64 {\n" +
		"\t\thttp.Error(w, \"missing id\\n\", http.StatusBadRequest)\n\t\treturn\n\t}\n\tfor i, item := range s.items[id] {\n\t\tfmt.Fprintf(w, \"%d: %s\\n\", i, item.Name)\n\t}\n}\n\n",
	"arabic":        "كان الوقت متأخرا عندما وصلا إلى الميناء، وكانت الريح قد تغيرت. قال الأكبر: لن نبحر قبل الصباح، والقوارب الاثنا عشر راسية في مكانها. ",
	"base64":        base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\xfe\x80\x02\x83\x91\xaa\xbc\xde\xf0\x12\x34\x56\x78\x9a\xbc\xde\xf1\x23\x45")),
	"key=value":     "level=info ts=2026-01-12T10:30:00Z caller=main.go:42 msg=\"request done\" method=GET path=/v1/items status=200 duration=1.5ms ",
	"spaced digits": "1 2 3 4 5 6 7 8 9 0 ",
	"sk- runs":      "sk-",
	"found":         "mail ann.smith@example.com or +44 20 7946 0958, password=hunter2x, key sk-proj-abcdefghij0123456789, card 4111 1111 1111 1111. ",
	"arabic digits": "٤١١١ ٥٠١٢ ",
}

const benchSize = 64 << 10

func benchJSON() string {
	item := `{"id":"item-1","name":"harbour","tags":["sea","wind"],"price":12.5,"stock":42,"created":"2026-01-12T10:30:00Z","note":"the wind had turned,\nnobody sailed"}`
	return "[" + strings.Repeat(item+",", benchSize/len(item)) + item + "]"
}

func BenchmarkRedact(b *testing.B) {
	run := func(name, text string) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Redact("", text)
			}
		})
	}
	for _, name := range []string{"prose", "code", "arabic", "base64", "key=value", "spaced digits", "sk- runs", "found", "arabic digits"} {
		unit := benchTexts[name]
		run(name, strings.Repeat(unit, benchSize/len(unit)))
	}
	run("JSON", benchJSON())
	run("chat", benchTexts["prose"]+benchTexts["code"])
}

func TestNothingFoundCostsNoAllocation(t *testing.T) {
	for _, name := range []string{"prose", "arabic"} {
		text := strings.Repeat(benchTexts[name], 10)
		assert.Zero(t, testing.AllocsPerRun(10, func() { Redact("", text) }), name)
	}
}
