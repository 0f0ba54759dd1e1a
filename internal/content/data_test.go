// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDataIsDescribed(t *testing.T) {
	picture := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("picture!", 20)))
	for in, want := range map[string]string{
		"":                                    "",
		"plain text":                          "plain text",
		"data:image/png;base64,QUJD":          "data:image/png;base64,QUJD",
		"write ;base64," + picture:            "write ;base64," + picture,
		"data: image/png ; base64," + picture: "data: image/png ; base64,MARK",
		"data:image/png;base64," + picture:    "data:image/png;base64,MARK",
		"![x](data:image/png;base64," + picture + ") and <img src=\"DATA:image/gif;base64," + picture + "\">": "![x](data:image/png;base64,MARK) and <img src=\"DATA:image/gif;base64,MARK\">",
	} {
		got := described(in)
		want = strings.ReplaceAll(want, "MARK", described("data:;base64," + picture)[len("data:;base64,"):])
		assert.Equal(t, want, got)
		assert.Equal(t, got, described(got), "done twice is done once")
	}
	assert.Regexp(t, `^data:;base64,\[216 characters, sha256:[0-9a-f]{16}\]$`, described("data:;base64,"+picture))

	described(strings.Repeat("data:;base64,", 1<<17)) // takes minutes if it is not linear
}

// Pictures come in every dress that Markdown, HTML, JSON and URLs have.
func TestPicturesAreNeverInlined(t *testing.T) {
	png := base64.StdEncoding.EncodeToString(append([]byte("\x89PNG\r\n\x1a\n"), strings.Repeat("pixel\x00\xff", 60)...))
	jpeg := base64.StdEncoding.EncodeToString(append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), strings.Repeat("pixel\x00\xff", 60)...))
	wav := base64.StdEncoding.EncodeToString(append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), strings.Repeat("sound\x00\xff", 60)...))
	pdf := base64.StdEncoding.EncodeToString([]byte("%PDF-1.7\n" + strings.Repeat("page", 60)))
	mp4 := base64.StdEncoding.EncodeToString(append([]byte("\x00\x00\x00\x18ftypmp42"), strings.Repeat("frame\x00\xff", 60)...))
	svg := "<svg xmlns='http://www.w3.org/2000/svg'><text>pixelpixel</text></svg>"
	wrapped := strings.Join(splitEvery(png, 76), "\n")
	for name, in := range map[string]string{
		"upper case":             "DATA:IMAGE/PNG;BASE64," + png,
		"percent-encoded":        "data%3Aimage%2Fpng%3Bbase64%2C" + url.QueryEscape(png),
		"percent-encoded data":   "data:image/png;base64," + url.QueryEscape(png),
		"wrapped":                "data:image/png;base64," + wrapped,
		"wrapped, as MIME":       "data:image/png;base64,\r\n " + strings.ReplaceAll(wrapped, "\n", "\r\n "),
		"blanks":                 "data: image/png; base64, " + strings.Join(splitEvery(png, 20), " "),
		"JSON-escaped":           strings.ReplaceAll("data:image/jpeg;base64,"+jpeg, "/", `\/`),
		"JSON-escaped and alone": strings.ReplaceAll(jpeg, "/", `\/`),
		"wrapped in JSON":        "data:image/png;base64," + strings.ReplaceAll(wrapped, "\n", `\n`),
		"SVG":                    "data:image/svg+xml," + svg,
		"SVG, encoded":           "data:image/svg+xml;charset=utf-8," + url.PathEscape(svg),
		"SVG, cut":               "data:image/svg+xml," + svg[:60],
		"with a parameter":       "data:image/png;name=a.png;base64," + png,
		"PNG alone":              png,
		"wrapped alone":          wrapped,
		"JPEG alone":             jpeg,
		"WAV alone":              wav,
		"PDF alone":              pdf,
		"MP4 alone":              mp4,
		"without padding":        strings.TrimRight(png, "="),
		"URL alphabet":           base64.URLEncoding.EncodeToString(append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), strings.Repeat("pixel\x00\xff", 60)...)),
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{in, "look: " + in + " What is it?", `<img src="` + in + `">`, "![x](" + in + ") What is it?"} {
				got := described(text)
				assert.Contains(t, got, " characters, sha256:")
				assert.Less(t, len(got), 200, got)
				assert.NotContains(t, described("img="+png), png[40:80])
				for _, piece := range splitEvery(in[len(in)/3:], 24) {
					assert.NotContains(t, got, piece)
				}
				assert.Equal(t, strings.Contains(text, "What is it?") && name != "SVG, cut", strings.Contains(got, "What is it?"), got)
				assert.Equal(t, got, described(got))
			}
		})
	}
}

func splitEvery(s string, n int) (list []string) {
	for ; len(s) > n; s = s[n:] {
		list = append(list, s[:n])
	}
	return append(list, s)
}

func TestTextsAreNoPictures(t *testing.T) {
	for _, s := range []string{
		"data: the numbers of May, and more", "metadata:image/png;base64,QUJD", "data:text/plain,hello there", "see data:,x",
		"iVBORw0KGgo is how a PNG begins", strings.Repeat("word ", 100), strings.Repeat("0123456789abcdef", 8),
		"/9j/ and /usr/lib/x86_64-linux-gnu/libstdc++.so.6", "PHN2Zy", "the data:\nimage/png, base64",
	} {
		assert.Equal(t, s, described(s))
	}
}

// Blocks of Anthropic, OpenAI, Google and MCP carry data beside their type.
func TestDataBesideTheirType(t *testing.T) {
	sound := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("pcm\x00\x01", 60)))
	for _, block := range []string{
		`{"type":"base64","media_type":"audio/pcm","data":"DATA"}`, `{"type":"audio","data":"DATA","mimeType":"audio/pcm"}`,
		`{"input_audio":{"data":"DATA","format":"pcm16"}}`, `[{"inlineData":{"mimeType":"audio/pcm","data":"DATA"}}]`,
	} {
		got := Arguments(strings.ReplaceAll(block, "DATA", sound), verbatim())
		assert.NotContains(t, got, sound[:40])
		assert.Contains(t, got, " characters, sha256:")
	}
	for _, block := range []string{
		`{"uri":"file:///a.bin","blob":"DATA"}`, `{"created":1,"data":[{"b64_json":"DATA"}]}`, `{"file":{"filename":"a.pdf","file_data":"DATA"}}`,
	} {
		got := Arguments(strings.ReplaceAll(block, "DATA", sound), verbatim())
		assert.NotContains(t, got, sound[:40])
	}
	const plain = `{"data":"the numbers of May","media_type":"text/plain"}`
	assert.JSONEq(t, plain, Arguments(plain, verbatim()))
}

func described(s string) string {
	out, _ := describeData(s, len(s)+1)
	return out
}

func FuzzDescribeData(f *testing.F) {
	f.Add("a=-=-=-" + strings.Repeat("=iVBOR", 60))
	f.Add("data:image/svg+xml,<svg></svg>" + strings.Repeat("-", 300))
	f.Fuzz(func(t *testing.T, s string) {
		if got := described(described(s)); len(got) > len(s)+200+len(s)*2 {
			t.Errorf("%q grows to %d bytes", s, len(got))
		}
	})
}
