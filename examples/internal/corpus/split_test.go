// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
)

func doc(source, text string) schema.Document {
	return schema.Document{PageContent: text, Metadata: map[string]any{"source": source}}
}

func TestSplitMarkdown(t *testing.T) {
	in := []schema.Document{doc("a.md", "# Guide\n\nIntro.\n\n## Install\n\nRun this:\n\n```sh\nmake install\n```\n")}
	out, err := Split(in, 200, 20)
	require.NoError(t, err)
	require.Len(t, out, 2)
	assert.Equal(t, "# Guide\nIntro.", out[0].PageContent)
	assert.Contains(t, out[1].PageContent, "# Guide\n## Install\nRun this:")
	assert.Contains(t, out[1].PageContent, "```sh\nmake install\n```")
	assert.Equal(t, map[string]any{"source": "a.md", "chunk": 1}, out[1].Metadata)
	assert.Equal(t, map[string]any{"source": "a.md"}, in[0].Metadata)
}

func TestSplitMarkdownLosesNothing(t *testing.T) {
	text := "# Steps\n\n1. Do this:\n\n   ```sh\n   nested code\n   ```\n\n2. Then that.\n\n" +
		"<div>raw html</div>\n\n> quote\n>\n> ```\n> quoted code\n> ```\n\n| a | b |\n|---|---|\n| c1 | d1 |\n\n[x]: https://localhost/unused\n"
	out, err := Split([]schema.Document{doc("a.MARKDOWN", text)}, 80, 10)
	require.NoError(t, err)
	require.NotEmpty(t, out)
	var all strings.Builder
	for _, d := range out {
		all.WriteString(d.PageContent + "\n")
		assert.LessOrEqual(t, utf8.RuneCountInString(d.PageContent), 80)
	}
	for _, want := range []string{"nested code", "raw html", "quoted code", "c1", "unused", "2. Then"} {
		assert.Contains(t, all.String(), want)
	}
}

func TestSplitText(t *testing.T) {
	arabic := strings.Repeat("كلمة قصيرة ", 40)
	out, err := Split([]schema.Document{
		doc("a.txt", arabic),
		doc("b.pdf", "page one"),
		doc("b.pdf", " \n "),
		doc("b.pdf", "page three"),
		{PageContent: "no metadata"},
	}, 50, 10)
	require.NoError(t, err)
	n := 0
	for _, d := range out {
		assert.NotEmpty(t, strings.TrimSpace(d.PageContent))
		assert.True(t, utf8.ValidString(d.PageContent))
		if d.Metadata["source"] == "a.txt" {
			assert.Equal(t, n, d.Metadata["chunk"])
			assert.LessOrEqual(t, utf8.RuneCountInString(d.PageContent), 50)
			n++
		}
	}
	assert.Greater(t, n, 5)
	assert.Equal(t, []schema.Document{
		{PageContent: "page one", Metadata: map[string]any{"source": "b.pdf", "chunk": 0}},
		{PageContent: "page three", Metadata: map[string]any{"source": "b.pdf", "chunk": 1}},
		{PageContent: "no metadata", Metadata: map[string]any{"chunk": 0}},
	}, out[n:])
}

func TestSplitSizes(t *testing.T) {
	for _, c := range [][2]int{{0, 0}, {-1, 0}, {10, -1}, {10, 10}} {
		_, err := Split(nil, c[0], c[1])
		require.Error(t, err)
	}
	out, err := Split(nil, 10, 0)
	require.NoError(t, err)
	assert.Empty(t, out)
}

func FuzzSplit(f *testing.F) {
	f.Add("# a\n\n- b\n  - c\n\n> d\n\n|x|\n|-|\n|y|", 20, 3)
	f.Fuzz(func(_ *testing.T, text string, size, overlap int) {
		for _, name := range []string{"a.md", "a.txt"} {
			_, _ = Split([]schema.Document{doc(name, text)}, size%500, overlap)
		}
	})
}
