// SPDX-License-Identifier: Apache-2.0

// Package guides_test holds the code of the guides in this folder: an Example for each,
// whose output is the tree on the page.
package guides_test

import (
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/gettingstarted/fakeopenai"
	"github.com/spanloom/spanloom/traceview"
)

// recorded returns a Handler, and a function that prints its traces.
func recorded() (handler *callbacks.Handler, printTree func()) {
	recorder := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))))
	if err != nil {
		log.Fatal(err)
	}
	return handler, func() { _ = traceview.Tree(os.Stdout, recorder.Spans(), traceview.WithoutTimes()) }
}

// openAI returns langchaingo's client of OpenAI with a fake server.
func openAI() llms.Model {
	client, err := fakeopenai.New(openai.WithModel("gpt-4o-mini"))
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// sources are the files that the code of the pages is part of.
var sources = []string{"*_test.go", "testdata/*.tree", "../../example_signals_test.go", "../../examples/services/*.go"}

// maxLines is two screens, but for the page that follows a tutorial step by step.
const maxLines, maxTutorialLines = 110, 190

var (
	block  = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	indent = regexp.MustCompile(`(?m)^[ \t]*(?:// )?`)
)

// TestPagesAreCode: each block of Go on a page is part of a file that is compiled, and
// each tree part of an output that is compared.
func TestPagesAreCode(t *testing.T) {
	var code strings.Builder
	for _, pattern := range sources {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			code.WriteString(contentOf(t, file))
		}
	}
	all := flat(code.String())
	pages, err := filepath.Glob("*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		text := contentOf(t, page)
		most := maxLines
		if page == "from-openllmetry.md" {
			most = maxTutorialLines
		}
		assert.LessOrEqual(t, strings.Count(text, "\n"), most, "%s is too long", page)
		kinds := map[string]int{}
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			kinds[m[1]]++
			if (m[1] == "go" || m[1] == "") && !strings.Contains(all, flat(m[2])) {
				t.Errorf("%s: no test has this:\n%s", page, m[2])
			}
		}
		assert.Positive(t, kinds["go"], "%s has no code", page)
		assert.Positive(t, kinds[""], "%s shows no tree", page)
	}
}

// flat is a text without indentation, marks of comments and blank lines.
func flat(text string) string {
	var b strings.Builder
	for line := range strings.Lines(indent.ReplaceAllString(text, "")) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func contentOf(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}
