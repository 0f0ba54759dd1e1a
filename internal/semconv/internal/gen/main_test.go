// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/semconv" //nolint:depguard // the generator describes it, and nothing imports the generator
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	root, err := findRoot()
	require.NoError(t, err)
	files, err := generate(root)
	require.NoError(t, err)
	require.Len(t, files, 2)
	again, err := generate(root)
	require.NoError(t, err)
	assert.Equal(t, files, again, "the generator must be deterministic")
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "%s is stale: run go generate ./internal/semconv", name)
	}
}

func TestPage(t *testing.T) {
	root, err := findRoot()
	require.NoError(t, err)
	registry, err := registryList(root)
	require.NoError(t, err)
	page := string(telemetryPage(registry))
	for _, m := range semconv.Metrics() {
		assert.Contains(t, page, "`"+m.Name+"`")
	}
	for _, a := range semconv.Attributes() {
		assert.Equal(t, a.On != 0, strings.Contains(page, "\n| `"+string(a.Key)+"` |"), "%s: the reference lists what is emitted", a.Key)
		assert.Equal(t, semconv.InRegistry(a.Key), strings.Contains("\n"+string(registry), "\n"+string(a.Key)+"\n"), a.Key)
	}
	for _, private := range []string{root, "pkg/mod"} {
		assert.NotContains(t, page, private)
	}
	for line := range strings.Lines(page) {
		if cells := strings.Count(line, "|"); cells > 0 {
			assert.Contains(t, []int{7}, cells, "every table has six columns: %s", line)
		}
	}
}

func TestKindsAndPlacesHaveOneOrder(t *testing.T) {
	for i, k := range semconv.Kinds[1:] {
		assert.Equal(t, []string{k.Name}, semconv.Place(1<<i).Names())
	}
}

func TestKeysOf(t *testing.T) {
	dir := t.TempDir()
	_, err := keysOf(dir)
	require.Error(t, err, "an empty registry would silence strict mode altogether")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.go"), []byte(`package a
const (
	AKey = attribute.Key("a.b")
	BKey = attribute.Key(AKey)
	Other = "x"
)
var CKey = attribute.Key("no.constant")
`), 0o644))
	keys, err := keysOf(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"a.b"}, keys)
}
