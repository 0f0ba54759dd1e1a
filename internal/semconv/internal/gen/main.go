// SPDX-License-Identifier: Apache-2.0

// Command gen writes what is derived from the semantic conventions:
// internal/semconv/registry.txt, the keys of the OpenTelemetry registry, and
// docs/telemetry.md, the reference of what Spanloom emits. It needs no network.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	files, err := generate(root)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), content, 0o644); err != nil { //nolint:gosec // they are sources
			return err
		}
	}
	return nil
}

// generate returns the generated files by their path from the root.
func generate(root string) (map[string][]byte, error) {
	registry, err := registryList(root)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"internal/semconv/registry.txt": registry,
		"docs/telemetry.md":             telemetryPage(registry),
	}, nil
}

func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}
