// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/spanloom/spanloom"

// alsoWithExample are options and methods that need an Example, as constructors do.
var alsoWithExample = map[string][]string{
	".":                 {"WithTree"},
	"callbacks":         {"WithContent", "WithErrorMessages", "WithPrices", "WithObserver", "Handler.Start", "Handler.As"},
	"privacy":           {"Policy"},
	"retrieval/index":   {"Index.Add", "Index.Query"},
	"metrics":           {"Prices"},
	"metrics/alert":     {"Rule"},
	"vectorstore":       {"WithCollection"},
	"retrieval/loaders": {"WithExtensions"},
}

// publicPackages returns the documentation of each package that users import, by folder.
func publicPackages(t *testing.T) map[string]*doc.Package {
	t.Helper()
	fset, files := token.NewFileSet(), map[string][]*ast.File{}
	require.NoError(t, filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (file != "." && d.Name()[0] == '.' || slices.Contains([]string{"internal", "examples", "integration", "cmd", "docs", "testdata"}, d.Name())):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(file) != ".go":
			return nil
		}
		f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
		dir := filepath.ToSlash(filepath.Dir(file))
		files[dir] = append(files[dir], f)
		return err
	}))
	packages := map[string]*doc.Package{}
	for dir, list := range files {
		p, err := doc.NewFromFiles(fset, list, path.Join(modulePath, dir))
		require.NoError(t, err, dir)
		packages[dir] = p
	}
	return packages
}

// examples returns the Examples of a package, by what they are of.
func examples(p *doc.Package) map[string][]*doc.Example {
	of := map[string][]*doc.Example{"": p.Examples}
	add := func(prefix string, funcs []*doc.Func) {
		for _, f := range funcs {
			of[prefix+f.Name] = append(of[prefix+f.Name], f.Examples...)
		}
	}
	add("", p.Funcs)
	for _, t := range p.Types {
		of[t.Name] = append(of[t.Name], t.Examples...)
		add("", t.Funcs)
		add(t.Name+".", t.Methods)
	}
	return of
}

// constructors returns the names of the functions that are no options.
func constructors(p *doc.Package) (names []string) {
	for _, f := range p.Funcs {
		names = append(names, f.Name)
	}
	for _, t := range p.Types {
		for _, f := range t.Funcs {
			if !strings.HasSuffix(t.Name, "Option") {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// TestEntryPointsHaveExamples: each function of the public packages but options has an
// Example, and so have the options and methods of alsoWithExample.
func TestEntryPointsHaveExamples(t *testing.T) {
	packages := publicPackages(t)
	assert.Contains(t, packages, "vectorstore/chromem")
	for dir := range alsoWithExample {
		assert.Contains(t, packages, dir)
	}
	for dir, p := range packages {
		of := examples(p)
		for _, name := range slices.Concat(constructors(p), alsoWithExample[dir]) {
			assert.NotEmpty(t, of[name], "%s: no Example of %s", dir, name)
		}
	}
}

// TestExamplesStandAlone: what the page of a package shows of an Example is all that it
// needs besides public packages, and its output is compared.
func TestExamplesStandAlone(t *testing.T) {
	n := 0
	for dir, p := range publicPackages(t) {
		for name, list := range examples(p) {
			for _, e := range list {
				n++
				at := dir + ": Example of " + name + " " + e.Suffix
				assert.True(t, e.Output != "" || e.EmptyOutput, "%s has no output, and does not run", at)
				if assert.NotNil(t, e.Play, "%s is no whole program", at) {
					assert.Empty(t, unseen(e), at)
				}
			}
		}
	}
	assert.Greater(t, n, 60)
}

// unseen returns the internal packages that an Example imports, and the declarations
// beside it: the page shows them only if they are all that its file has besides.
func unseen(e *doc.Example) (list []string) {
	_, wholeFile := e.Code.(*ast.File)
	for _, decl := range e.Play.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Name.Name != "main" && !wholeFile {
				list = append(list, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.ImportSpec); !ok && !wholeFile {
					list = append(list, decl.Tok.String())
				} else if ok && strings.Contains(spec.Path.Value, "/internal/") {
					list = append(list, spec.Path.Value)
				}
			}
		}
	}
	return list
}
