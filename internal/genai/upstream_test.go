// SPDX-License-Identifier: Apache-2.0

package genai

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
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFieldPathsExistUpstream reads langchaingo's source, so that the clients
// whose SDKs this module does not depend on (Mistral, Bedrock, Cohere) are
// checked, too. Reflection alone would only fall silent.
func TestFieldPathsExistUpstream(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", strings.TrimSuffix(langchaingo, "/")).Output()
	require.NoError(t, err)
	src := source{root: strings.TrimSpace(string(out))}

	for pkg, p := range providers {
		dir := pkg
		if strings.HasPrefix(pkg, "googleai/") {
			dir = "llms/" + pkg
		}
		types := src.structs(t, dir)
		require.NotEmpty(t, types, "there is no package %s", dir)
		for _, field := range []string{p.model, p.embeddingModel, p.baseURL} {
			if field == "" {
				continue
			}
			found := false
			for _, s := range types {
				found = found || s.ast.Name.IsExported() && src.has(t, s, strings.Split(field, "."))
			}
			assert.True(t, found, "no exported type of %s has a field %s: upstream renamed it", dir, field)
		}
	}
	for pkg := range bySpace {
		assert.Contains(t, systems, pkg)
	}
	for pkg := range systems {
		dir := pkg
		if pkg == "milvus/v2" {
			dir = "vectorstores/" + pkg
		}
		types := src.structs(t, dir)
		require.NotEmpty(t, types, "there is no package %s", dir)
		if at, ok := addresses[pkg]; ok {
			found := false
			for _, s := range types {
				found = found || s.ast.Name.IsExported() && src.has(t, s, []string{at.field})
			}
			assert.True(t, found, "no exported type of %s has a field %s: upstream renamed it", dir, at.field)
		}
	}
}

// The clients' constants cannot be imported.
func TestFallbackModelsAreUpstreams(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", strings.TrimSuffix(langchaingo, "/")).Output()
	require.NoError(t, err)
	for _, tt := range []struct {
		below, pattern string
		models         map[string]string
	}{
		{"internal", `(?m)^\s*(const )?default(Chat)?Model\s*=\s*"%s"`, fallbacks},
		// Mistral's client has no constant for it.
		{"", `(?m)^\s*defaultEmbeddingModel\s*=\s*"%s"|\.Embeddings\("%[1]s"`, embeddingFallbacks},
	} {
		for pkg, model := range tt.models {
			found := regexp.MustCompile(fmt.Sprintf(tt.pattern, regexp.QuoteMeta(model)))
			root := filepath.Join(strings.TrimSpace(string(out)), pkg, tt.below)
			ok := false
			require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
					src, e := os.ReadFile(path)
					require.NoError(t, e)
					ok = ok || found.Match(src)
				}
				return err
			}))
			assert.True(t, ok, "%s sends another model than %s when none is set", pkg, model)
		}
	}
}

func TestCollectionFieldsExistUpstream(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", strings.TrimSuffix(langchaingo, "/")).Output()
	require.NoError(t, err)
	src := source{root: strings.TrimSpace(string(out))}
	// pinecone, azureaisearch and opensearch name an index per call only.
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
		known := false
		for _, f := range collectionFields {
			known = known || f == field || strings.HasPrefix(f, field+".")
		}
		assert.True(t, known, "%s of vectorstores/%s is not looked at", field, pkg)
	}
}

type source struct{ root string }

type structType struct {
	dir  string
	file *ast.File
	ast  *ast.TypeSpec
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
