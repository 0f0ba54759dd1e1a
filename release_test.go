// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// licences are told by a sentence of their texts, the first one that is found.
var licences = []struct{ name, sentence string }{
	{"MPL-2.0", "Mozilla Public License"},
	{"Apache-2.0", "Apache License"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD-3-Clause", "Neither the name"},
	{"BSD-2-Clause", "Redistribution and use in source and binary"},
}

// licenceOf reads the licence file of a module.
func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, file := range files {
		if !regexp.MustCompile(`(?i)^(licen[cs]e|copying)`).MatchString(file.Name()) {
			continue
		}
		text := strings.Join(strings.Fields(read(t, filepath.Join(dir, file.Name()))), " ")
		for _, l := range licences {
			if strings.Contains(text, l.sentence) {
				return l.name
			}
		}
	}
	return "unknown"
}

// importPaths returns the public packages' import paths.
func importPaths(t *testing.T) (paths []string) {
	t.Helper()
	for dir := range publicPackages(t) {
		paths = append(paths, path.Join(modulePath, dir))
	}
	slices.Sort(paths)
	return paths
}

// TestLicences compares the list of docs/dependencies.md with the modules that the public
// packages compile, and with the licence file of each.
func TestLicences(t *testing.T) {
	_, list, ok := strings.Cut(read(t, "docs/dependencies.md"), "## Licences\n")
	require.True(t, ok)
	listed := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\S+) \| (.+) \|$`).FindAllStringSubmatch(list, -1) {
		for _, module := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[2], -1) {
			listed[module[1]] = row[1]
		}
	}
	compiled := map[string]string{}
	const format = "{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}"
	for line := range strings.Lines(string(goCommand(t, append([]string{"list", "-deps", "-f", format}, importPaths(t)...)...))) {
		if module := strings.Fields(line); len(module) == 2 && compiled[module[0]] == "" {
			compiled[module[0]] = licenceOf(t, module[1])
		}
	}
	assert.Greater(t, len(compiled), 50)
	if runtime.GOOS == "linux" {
		assert.Equal(t, compiled, listed)
	}
	for _, module := range slices.Sorted(maps.Keys(compiled)) {
		assert.NotEqual(t, "unknown", compiled[module], module)
	}
}

// TestImportingDoesNothing: a program that imports every public package has no more
// goroutines, open files and sockets at its start than one that imports none.
func TestImportingDoesNothing(t *testing.T) {
	var imports strings.Builder
	for _, p := range importPaths(t) {
		if !strings.HasSuffix(p, "/spanloomtest") { // a package for tests, which adds a flag
			fmt.Fprintf(&imports, "import _ %q\n", p)
		}
	}
	var printed []string
	for _, more := range []string{"", imports.String()} {
		file := filepath.Join(t.TempDir(), "main.go")
		require.NoError(t, os.WriteFile(file, []byte(`package main

import ("fmt"; "os"; "runtime"; "strings")
`+more+`
func main() {
	fmt.Println(runtime.NumGoroutine())
	files, _ := os.ReadDir("/proc/self/fd")
	for _, file := range files {
		open, _ := os.Readlink("/proc/self/fd/" + file.Name())
		if strings.HasPrefix(open, "/") || strings.HasPrefix(open, "socket:") {
			fmt.Println(open)
		}
	}
}
`), 0o600))
		out, err := exec.CommandContext(t.Context(), buildProgram(t, file)).Output()
		require.NoError(t, err)
		printed = append(printed, string(out))
	}
	assert.Equal(t, printed[0], printed[1])
}
