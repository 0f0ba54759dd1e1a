// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// kind is a row of the table in callbacks/kind.go. It is read from the source,
// since internal/semconv lies below callbacks and must not import it.
type kind struct{ name, spanName, operation, traceloop, openInference, spanKind string }

// named says what stands after the verb of the span name.
var named = map[string]string{
	"KindChat": "model", "KindEmbeddings": "model", "KindRetrieval": "source",
}

func readKinds(root string) ([]kind, error) {
	path := filepath.Join(root, "callbacks", "kind.go")
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var table *ast.CompositeLit
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 && v.Names[0].Name == "kinds" {
			table, _ = v.Values[0].(*ast.CompositeLit)
		}
		return table == nil
	})
	if table == nil {
		return nil, fmt.Errorf("%s has no table called kinds any more: teach readKinds its new shape", path)
	}
	var out []kind
	for _, e := range table.Elts {
		k, err := readKind(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, k)
	}
	return out, nil
}

func readKind(e ast.Expr) (kind, error) {
	kv, ok := e.(*ast.KeyValueExpr)
	if !ok {
		return kind{}, errors.New("an entry of kinds has no key")
	}
	key, okKey := kv.Key.(*ast.Ident)
	row, okRow := kv.Value.(*ast.CompositeLit)
	if !okKey || !okRow || len(row.Elts) != 5 {
		return kind{}, errors.New("an entry of kinds is not {verb, operation, traceloop, openInference, spanKind}")
	}
	k := kind{
		operation: word(row.Elts[1]), traceloop: word(row.Elts[2]), openInference: word(row.Elts[3]),
		spanKind: strings.ToUpper(strings.TrimPrefix(word(row.Elts[4]), "SpanKind")),
	}
	k.name = spaced(strings.TrimPrefix(key.Name, "Kind"))
	k.spanName = word(row.Elts[0]) + " {" + nameOf(key.Name) + "}"
	if key.Name == "KindVectorStore" {
		k.spanName = "{operation} {collection}"
	}
	return k, nil
}

func nameOf(kind string) string {
	if n, ok := named[kind]; ok {
		return n
	}
	return "name"
}

// word is the text of a literal, or for a constant the end of its name: the
// constants of gen_ai.operation.name are called Operation plus the value.
func word(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.SelectorExpr:
		if name, ok := strings.CutPrefix(e.Sel.Name, "Operation"); ok {
			return strings.ReplaceAll(spaced(name), " ", "_")
		}
		return e.Sel.Name
	}
	return ""
}

// spaced turns VectorStore into "vector store".
func spaced(camel string) string {
	var b strings.Builder
	for i, r := range camel {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
