// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	require.NoError(t, err, "go %s", strings.Join(args, " "))
	return out
}

// packagesOf returns the packages and all that they import.
func packagesOf(t *testing.T, packages ...string) []string {
	t.Helper()
	return strings.Fields(string(goCommand(t, append([]string{"list", "-deps"}, packages...)...)))
}

// TestCallbacksIsLight holds docs/dependencies.md to its word: who imports only
// callbacks and models pays for no exporter, store or SDK.
func TestCallbacksIsLight(t *testing.T) {
	packages := strings.Join(packagesOf(t, "./callbacks", "./models"), "\n")
	for _, heavy := range []string{
		"otel/sdk", "exporters/", "chromem", "langchaingo/chains", "langchaingo/agents", "langchaingo/vectorstores", "langchaingo/embeddings", "google.golang.org/grpc",
	} {
		assert.NotContains(t, packages, heavy)
	}
}

// TestFewPackagesAreAdded counts what the wrappers add to a program with
// langchaingo. 29 of the others are OpenTelemetry's API and what that imports, and two
// are langchaingo's agents and tools, which chains.Instrument opens.
func TestFewPackagesAreAdded(t *testing.T) {
	const (
		mostOwn    = 17
		mostOthers = 36
	)
	program := []string{"github.com/tmc/langchaingo/callbacks", "github.com/tmc/langchaingo/chains", "github.com/tmc/langchaingo/llms", "github.com/tmc/langchaingo/schema"}
	before := packagesOf(t, program...)
	var own, others []string
	for _, p := range packagesOf(t, append(slices.Clone(program), "./callbacks", "./chains", "./models")...) {
		switch {
		case slices.Contains(before, p):
		case strings.HasPrefix(p, "github.com/spanloom/spanloom/"):
			own = append(own, p)
		default:
			others = append(others, p)
		}
	}
	assert.NotEmpty(t, own)
	assert.LessOrEqual(t, len(own), mostOwn, own)
	assert.LessOrEqual(t, len(others), mostOthers, others)
}

// TestExamplesNeedNoCloud: Google's SDK alone costs a minute of compilation. The
// tests are counted, too, since a newcomer runs them.
func TestExamplesNeedNoCloud(t *testing.T) {
	packages := packagesOf(t, "-test", "./...")
	packages = append(packages, strings.Fields(string(goCommand(t, "list", "-C", "examples/services", "-deps", "-test", "./...")))...)
	assert.Contains(t, packages, "github.com/tmc/langchaingo/llms/openai")
	for _, p := range packages {
		for _, cloud := range []string{
			"google.golang.org/genai", "google.golang.org/api", "cloud.google.com/", "github.com/google/generative-ai-go", "github.com/aws/",
			"github.com/weaviate/", "github.com/amikos-tech/", "github.com/opensearch-project/", "github.com/jackc/", "github.com/redis/", "github.com/pinecone-io/",
		} {
			assert.False(t, strings.HasPrefix(p, cloud), p)
		}
	}
}

// TestFewModulesAreRequired counts the direct requirements of the library's go.mod.
func TestFewModulesAreRequired(t *testing.T) {
	var file struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	require.NoError(t, json.Unmarshal(goCommand(t, "mod", "edit", "-json"), &file))
	page := read(t, "docs/dependencies.md")
	var direct []string
	for _, r := range file.Require {
		if r.Indirect {
			continue
		}
		direct = append(direct, r.Path)
		assert.Contains(t, page, "`"+r.Path+"`", "docs/dependencies.md must say what it is for")
	}
	assert.NotEmpty(t, direct)
	assert.LessOrEqual(t, len(direct), 20, direct)
}
