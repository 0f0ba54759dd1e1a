// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	fenced      = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inlineCode  = regexp.MustCompile("`[^`\n]+`")
	link        = regexp.MustCompile(`\]\(([^() ]+)\)`)
	heading     = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// pages returns the files of Markdown that people read, by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	require.NoError(t, filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (file != "." && file != ".github" && d.Name()[0] == '.' || d.Name() == "testdata" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !d.IsDir() && filepath.Ext(file) == ".md":
			texts[filepath.ToSlash(file)] = read(t, file)
		}
		return nil
	}))
	return texts
}

// anchors returns the names that GitHub gives to the headings of a page.
func anchors(page string) []string {
	var names []string
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		text := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(m[1], "$1")
		names = append(names, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(text), ""), " ", "-"))
	}
	return names
}

// TestLinksInDocs finds links to files and headings that are not there.
func TestLinksInDocs(t *testing.T) {
	texts, n := pages(t), 0
	for page, text := range texts {
		prose := inlineCode.ReplaceAllString(fenced.ReplaceAllString(text, ""), "code")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			if strings.Contains(m[1], ":") {
				continue // another host
			}
			n++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := page
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(page), file))
			}
			_, err := os.Stat(target)
			assert.NoError(t, err, "%s links to %s", page, m[1])
			if anchor != "" {
				assert.Contains(t, anchors(texts[target]), anchor, "%s links to %s", page, m[1])
			}
		}
	}
	assert.Greater(t, n, 80)
}

// TestQuestions: each question of newcomers has a link, which TestLinksInDocs follows.
func TestQuestions(t *testing.T) {
	page := read(t, "docs/internal/questions.md")
	rows := regexp.MustCompile(`(?m)^\| (.+[?.]) \| \[[^\]]+\]\([^)]+\) \|$`).FindAllString(page, -1)
	assert.GreaterOrEqual(t, len(rows), 40)
	assert.Len(t, rows, strings.Count(page, "\n|")-2, "a row that is not read")
}

// TestEveryPageIsLinked: the README leads to each page of docs.
func TestEveryPageIsLinked(t *testing.T) {
	readme := read(t, "README.md")
	for page := range pages(t) {
		if strings.HasPrefix(page, "docs/") && !strings.HasPrefix(page, "docs/internal/") {
			assert.Contains(t, readme, "]("+page+")")
		}
	}
}
