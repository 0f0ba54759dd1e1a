// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// constants are the names of the attribute keys in keys.go, with the rows of
// the table in attributes.go by the same names.
func constants(t *testing.T) (names []string, rows map[string]Attribute) {
	t.Helper()
	for _, d := range parseFile(t, "keys.go").Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			switch e := v.Values[0].(type) {
			case *ast.CallExpr: // attribute.Key("…")
				names = append(names, v.Names[0].Name)
			case *ast.SelectorExpr: // otelsemconv.XKey
				if strings.HasSuffix(e.Sel.Name, "Key") {
					names = append(names, v.Names[0].Name)
				}
			}
		}
	}
	require.Greater(t, len(names), 50, "keys.go is read wrongly")

	var order []string
	ast.Inspect(parseFile(t, "attributes.go"), func(n ast.Node) bool {
		row, ok := n.(*ast.CompositeLit)
		if ok && row.Type == nil {
			order = append(order, row.Elts[0].(*ast.Ident).Name)
		}
		return true
	})
	table := Attributes()
	require.Len(t, order, len(table), "attributes.go is read wrongly")
	rows = map[string]Attribute{}
	for i, name := range order {
		require.NotContains(t, rows, name, "listed twice")
		rows[name] = table[i]
	}
	return names, rows
}

func parseFile(t *testing.T, name string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	return f
}

func TestAttributesAreComplete(t *testing.T) {
	names, rows := constants(t)
	for _, name := range names {
		assert.Contains(t, rows, name, "give the new key a row in attributes.go and run go generate ./internal/semconv")
	}
	assert.Len(t, rows, len(names), "attributes.go describes what keys.go does not have")
	for name, a := range rows {
		assert.Regexp(t, `^[A-Z`+"`"+`].*\.$`, a.Brief, "%s: the brief is a sentence", name)
		assert.NotContains(t, a.Brief, "|", "%s: it stands in a table", name)
	}
}

// use is where the library mentions a key, and the types it gives it.
type use struct {
	files []string
	types []string
}

// TestAttributesAreEmitted keeps the reference from promising what no code
// sets, and from keeping silent about what some code does.
func TestAttributesAreEmitted(t *testing.T) {
	_, rows := constants(t)
	uses := libraryUses(t)
	byMethod := map[string][]string{
		"String": {text, jsonText}, "Int": {integer}, "Float64": {double}, "Bool": {boolean}, "StringSlice": {textList},
	}
	for name, a := range rows {
		u := uses[name]
		if a.On == 0 {
			assert.Empty(t, u.files, "%s is emitted: say in attributes.go where", name)
			continue
		}
		assert.NotEmpty(t, u.files, "no code emits %s: give it no place in attributes.go", name)
		for _, method := range u.types {
			if want, ok := byMethod[method]; ok {
				assert.Contains(t, want, a.Type, "%s is set with %s in %v", name, method, u.files)
			}
		}
		asContent := slices.ContainsFunc(u.files, func(f string) bool { return f == "callbacks/content.go" })
		assert.Equal(t, asContent, a.Content, "%s: content is what callbacks/content.go sets", name)
	}
}

func libraryUses(t *testing.T) map[string]use {
	t.Helper()
	root := filepath.Join("..", "..")
	uses := map[string]use{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			switch {
			case rel == "internal/semconv", rel == "internal/spantree", rel == "examples", rel == "integration", rel != "." && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), `spanloom/internal/semconv"`) {
			return err
		}
		ast.Inspect(parseFile(t, path), func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch x := s.X.(type) {
			case *ast.Ident: // semconv.X
				if x.Name == "semconv" {
					u := uses[s.Sel.Name]
					u.files = append(u.files, rel)
					uses[s.Sel.Name] = u
				}
			case *ast.SelectorExpr: // semconv.X.String
				if id, ok := x.X.(*ast.Ident); ok && id.Name == "semconv" {
					u := uses[x.Sel.Name]
					u.types = append(u.types, s.Sel.Name)
					uses[x.Sel.Name] = u
				}
			}
			return true
		})
		return nil
	}))
	return uses
}

func TestPlaceNames(t *testing.T) {
	assert.Empty(t, Place(0).Names())
	assert.Equal(t, []string{"every span", "metrics"}, (onEverySpan | OnMetrics).Names())
	assert.Equal(t, []string{"workflow", "vector store", "events"}, (OnEvents | OnVectorStore | OnWorkflow).Names())
	assert.Len(t, placeNames, 10, "one name per bit")
}
