// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHTML(t *testing.T) {
	for _, tc := range []struct{ reason, html, want string }{
		{"paragraphs that are not closed", `<p>one<p>two`, "one\n\ntwo"},
		{"text before a block", `Intro<h1>Title</h1>text`, "Intro\n\nTitle\n\ntext"},
		{"a rule", `above<hr>below`, "above\n\nbelow"},
		{"sections", `a<nav>b</nav><main>c</main><figure>d<figcaption>e</figcaption></figure><form>f</form><aside>g</aside>`, "a\n\nb\n\nc\n\nd\ne\n\nf\n\ng"},
		{"white space of the source is none of the text", "<p>one\n\t two</p>\n\n\n<p> three </p>", "one two\n\nthree"},
		{"a break is a line", `one<br>two<br/><br>three`, "one\ntwo\n\nthree"},
		{"letters inside a word", `<p><b>w</b>ord<i>s</i></p>`, "words"},
		{"upper case", `<P>one<BR>two</P><SCRIPT>x</SCRIPT>`, "one\ntwo"},

		{"cells and rows", `<table><tr><td>1<td>2<tr><td>3<td>4</table>`, "1 2\n3 4"},
		{"cells and rows that are closed", `<table><thead><tr><th>k</th><th>v</th></tr></thead><tbody><tr><td>a</td><td>b</td></tr></tbody></table>end`, "k v\na b\n\nend"},
		{"a table's caption", `<table><caption>c</caption><tr><td>1</td></tr></table>`, "c\n1"},
		{"a list", `<ul><li>red</li><li>blue</li></ul>end`, "- red\n- blue\n\nend"},
		{"a list inside an item", `<ul><li>Item<ul><li>Sub</li></ul></li><li>Next</ul>`, "- Item\n  - Sub\n- Next"},
		{"a list of paragraphs", `<ul><li><p>one</p></li><li><p>two</p></li></ul>`, "- one\n\n- two"},
		{"an empty item", `<ul><li></li><li>a</li></ul>`, "- a"},
		{"terms", `<dl><dt>t</dt><dd>d</dd><dt>u<dd>e</dl>`, "t\nd\nu\ne"},
		{"choices", `<select><option>a<option>b</select>`, "a\nb"},

		{"comments", `<p>x</p><!-- <script> --><p>kept</p><script>y</script>`, "x\n\nkept"},
		{"a tag in an attribute", `<p title="<script>">hello</p> world <p>more</p><script>x</script>`, "hello\n\nworld\n\nmore"},
		{"a tag in a script", `a<script>var x = "</b><p>secret";</script>b`, "ab"},
		{"what is not shown", `<head><title>T</title><style>p{}</style></head>a<template><p>b</p></template><iframe>c</iframe>`, "a"},
		{"a template in a template", `<template>a<template>b</template>c</template>d</template>e`, "de"},
		{"for readers without scripts", `<noscript><p>the picture</p><style>x</style></noscript>`, "the picture"},
		{"empty elements in a drawing", `a<svg><title/><style/><text>b</text></svg>c`, "abc"},
		{"a slash that means nothing", `<div/>a<p/>b`, "a\n\nb"},
		{"a script that is not closed", `a<script>b`, "a"},

		{"characters", `<p>A &amp; b &lt;T&gt; &eacute;&#8364; 1 < 2</p>`, "A & b <T> é€ 1 < 2"},
		{"twice escaped", `&amp;lt;b&amp;gt;`, "&lt;b&gt;"},
		{"a space that keeps words together", "10&nbsp;000", "10\u00a0000"},
		{"preformatted", "<p>x:</p><pre>\nfor {\n\n\n\tgo()\n}\n</pre>y", "x:\n\nfor {\n\n\n\tgo()\n}\n\ny"},
		{"a text field", "<textarea>\n a\n  b</textarea>", "a\n  b"},
		{"right to left", `<p dir="rtl">مرحبا</p><p>بك</p>`, "مرحبا\n\nبك"},
		{"nothing", ``, ""},
		{"nothing but tags", `<p></p><ul><li></ul><img src=x>`, ""},
		{"end tags that open nothing", `</ul></pre></p>a  b</template>c`, "a bc"},
		{"a tag that is cut off", `a<p title="`, "a"},
		{"ends of lines", "<pre>a\r\nb</pre>", "a\nb"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			docs, err := one("a.html", tc.html)
			require.NoError(t, err)
			require.Len(t, docs, 1)
			assert.Equal(t, tc.want, docs[0].PageContent)
			assert.Equal(t, map[string]any{"source": "a.html"}, docs[0].Metadata)
		})
	}
}

// TestDeepHTML: a parser's time or stack would grow with the depth.
func TestDeepHTML(t *testing.T) {
	docs, err := one("a.html", strings.Repeat("<div><ul><li>", 100_000)+"x")
	require.NoError(t, err)
	assert.Equal(t, "- x", strings.TrimLeft(docs[0].PageContent, " "))
}
