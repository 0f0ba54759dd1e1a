// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Reflection alone finds nothing where upstream renames a field. Upstream's source
// also covers clients whose SDKs this module does not depend on.
func TestFieldsExistUpstream(t *testing.T) {
	src := upstream(t)
	for pkg, c := range clients {
		for _, field := range []string{c.Model, c.EmbeddingModel, c.BaseURL, c.APIType} {
			assert.True(t, field == "" || src.exports(t, pkg, field), "no exported type of %s has a field %s", pkg, field)
		}
	}
	for pkg, s := range Stores {
		for _, field := range []string{s.Address, s.Connection, s.NotCollection} {
			assert.True(t, field == "" || src.exports(t, pkg, field), "no exported type of %s has a field %s", pkg, field)
		}
	}
}

func TestPackagesExistUpstream(t *testing.T) {
	src := upstream(t)
	for pkg := range clients {
		assert.NotEmpty(t, src.structs(t, pkg), pkg)
	}
	for pkg := range Stores {
		assert.NotEmpty(t, src.structs(t, pkg), pkg)
	}
}

// The clients' constants cannot be imported.
func TestDefaultModelsAreUpstreams(t *testing.T) {
	src := upstream(t)
	for pkg, c := range clients {
		for _, tt := range []struct{ below, pattern, model string }{
			{"internal", `(?m)^\s*(const )?default(Chat)?Model\s*=\s*"%s"`, c.DefaultModel},
			// Mistral's client has no constant for it.
			{"", `(?m)^\s*defaultEmbeddingModel\s*=\s*"%s"|\.Embeddings\("%[1]s"`, c.DefaultEmbeddingModel},
		} {
			if tt.model == "" {
				continue
			}
			pattern := regexp.MustCompile(fmt.Sprintf(tt.pattern, regexp.QuoteMeta(tt.model)))
			found := false
			root := filepath.Join(src.root, filepath.FromSlash(pkg), tt.below)
			require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
					file, e := os.ReadFile(path)
					require.NoError(t, e)
					found = found || pattern.Match(file)
				}
				return err
			}))
			assert.True(t, found, "%s sends another model than %s when none is set", pkg, tt.model)
		}
	}
}

func TestCollectionFieldsExistUpstream(t *testing.T) {
	src := upstream(t)
	// azureaisearch and opensearch name an index per call only.
	for pkg, field := range map[string]string{
		"alloydb": "tableName", "cloudsql": "tableName", "pgvector": "collectionName", "bedrockknowledgebases": "knowledgeBaseID",
		"chroma": "nameSpace", "dolt": "databaseName", "mariadb": "databaseName", "milvus": "collectionName", "milvus/v2": "collectionName",
		"mongovector": "coll", "pinecone": "nameSpace", "qdrant": "collectionName", "redisvector": "indexName", "weaviate": "indexName",
	} {
		found := false
		for _, s := range src.structs(t, "vectorstores/"+pkg) {
			found = found || src.has(t, s, []string{field})
		}
		assert.True(t, found, "vectorstores/%s has no field %s", pkg, field)
		known := slices.ContainsFunc(CollectionFields, func(f string) bool { return f == field || strings.HasPrefix(f, field+".") })
		assert.True(t, known, "%s of vectorstores/%s is not in CollectionFields", field, pkg)
	}
}

const langchaingo = "github.com/tmc/langchaingo/"

// source is langchaingo's source.
type source struct{ root string }

type structType struct {
	dir  string
	file *ast.File
	ast  *ast.TypeSpec
}

func upstream(t *testing.T) source {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", strings.TrimSuffix(langchaingo, "/")).Output()
	require.NoError(t, err)
	return source{root: strings.TrimSpace(string(out))}
}

// exports reports whether an exported struct of the package has the field.
func (s source) exports(t *testing.T, pkg, field string) bool {
	t.Helper()
	for _, st := range s.structs(t, pkg) {
		if st.ast.Name.IsExported() && s.has(t, st, strings.Split(field, ".")) {
			return true
		}
	}
	return false
}

func (s source) structs(t *testing.T, dir string) []structType {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.root, filepath.FromSlash(dir), "*.go"))
	require.NoError(t, err)
	var found []structType
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if _, ok := spec.Type.(*ast.StructType); ok {
					found = append(found, structType{dir, f, spec})
				}
			}
			return true
		})
	}
	return found
}

// has follows the path from struct to struct, as reflection will.
func (s source) has(t *testing.T, in structType, fields []string) bool {
	t.Helper()
	for _, f := range in.ast.Type.(*ast.StructType).Fields.List {
		for _, name := range f.Names {
			if name.Name != fields[0] {
				continue
			}
			if len(fields) == 1 {
				return true
			}
			typ := f.Type
			if star, ok := typ.(*ast.StarExpr); ok {
				typ = star.X
			}
			dir, typeName := in.dir, ""
			switch typ := typ.(type) {
			case *ast.Ident:
				typeName = typ.Name
			case *ast.SelectorExpr:
				dir, typeName = importedDir(in.file, typ.X.(*ast.Ident).Name), typ.Sel.Name
			}
			for _, next := range s.structs(t, dir) {
				if next.ast.Name.Name == typeName && s.has(t, next, fields[1:]) {
					return true
				}
			}
		}
	}
	return false
}

func importedDir(f *ast.File, name string) string {
	for _, i := range f.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		if i.Name != nil && i.Name.Name == name || i.Name == nil && path.Base(p) == name {
			return strings.TrimPrefix(p, langchaingo)
		}
	}
	return "no such import"
}
