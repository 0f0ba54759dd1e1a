// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// goPackage is the last of otel's semconv packages that has the gen_ai keys.
const goPackage = "semconv/v1.41.0"

// newer are the keys of the GenAI conventions, at the commit their conformance
// suite pins, that goPackage does not have. gen_ai.prompt.variable is not among
// them: it is a template, and never a key by itself.
var newer = []string{
	"gen_ai.conversation.compacted",
	"gen_ai.memory.query.text",
	"gen_ai.memory.record.count",
	"gen_ai.memory.record.id",
	"gen_ai.memory.records",
	"gen_ai.memory.store.id",
	"gen_ai.prompt.version",
	"gen_ai.request.previous_response.id",
	"gen_ai.request.reasoning.level",
	"gen_ai.request.stream_cursor",
	"gen_ai.response.status",
	"gen_ai.retrieval.top_k",
}

// registryList is the content of registry.txt: one key a line, sorted.
func registryList(root string) ([]byte, error) {
	dir, err := otelDir(root)
	if err != nil {
		return nil, err
	}
	keys, err := keysOf(filepath.Join(dir, filepath.FromSlash(goPackage)))
	if err != nil {
		return nil, err
	}
	keys = append(keys, newer...)
	slices.Sort(keys)
	return []byte(strings.Join(slices.Compact(keys), "\n") + "\n"), nil
}

// otelDir asks the go command where the module's source is; it is there, since
// this repository compiles against it.
func otelDir(root string) (string, error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.opentelemetry.io/otel")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOPROXY=off")
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return "", fmt.Errorf("go list: %w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// keysOf returns the strings of all attribute.Key("…") constants in a folder.
func keysOf(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
				keys = append(keys, keysIn(g)...)
			}
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("no attribute keys in %s", dir)
	}
	return keys, nil
}

func keysIn(consts *ast.GenDecl) (keys []string) {
	for _, spec := range consts.Specs {
		for _, v := range spec.(*ast.ValueSpec).Values { //nolint:forcetypeassert // constants have no other specs
			call, ok := v.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				continue
			}
			fun, isSelector := call.Fun.(*ast.SelectorExpr)
			lit, isLiteral := call.Args[0].(*ast.BasicLit)
			if !isSelector || fun.Sel.Name != "Key" || !isLiteral {
				continue
			}
			if key, err := strconv.Unquote(lit.Value); err == nil {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
