// SPDX-License-Identifier: Apache-2.0

// Package weaviate is run by TestStoreOnWeaviate, which starts the server.
package weaviate

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/weaviate"
	client "github.com/weaviate/weaviate-go-client/v5/weaviate"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/filters"
	"github.com/weaviate/weaviate/entities/models"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/storetest"
	"github.com/spanloom/spanloom/vectorstore"
)

// properties are what a class of the suite's must have: the text, the name space and
// each key that the suite uses. Weaviate would add missing ones by itself, but a
// search for one that it has not met yet fails.
var properties = []*models.Property{
	text("content"), text("nameSpace"), text("kind"), text("canarykey"),
	text("text"), text("empty"), property("share", "number"), property("flag", "boolean"), property("count", "int"),
	property("list", "text[]"),
	{Name: "map", DataType: []string{"object"}, NestedProperties: []*models.NestedProperty{{Name: "inner", DataType: []string{"text"}}}},
}

func property(name, kind string) *models.Property {
	return &models.Property{Name: name, DataType: []string{kind}}
}

// text is compared as a whole: by words, which is the default, a search in the name
// space "c1" finds what is in "c1_other".
func text(name string) *models.Property {
	p := property(name, "text")
	p.Tokenization = models.PropertyTokenizationField
	return p
}

// open makes a class and a store on it.
func open(t *testing.T, e embeddings.Embedder) storetest.Target {
	t.Helper()
	address := os.Getenv("SPANLOOM_WEAVIATE")
	require.NotEmpty(t, address, "run by TestStoreOnWeaviate")
	host, number, err := net.SplitHostPort(address)
	require.NoError(t, err)
	port, err := strconv.Atoi(number)
	require.NoError(t, err)
	c, err := client.NewClient(client.Config{Scheme: "http", Host: address})
	require.NoError(t, err)
	class := fmt.Sprintf("C%d", made.Add(1))
	require.NoError(t, c.Schema().ClassCreator().WithClass(&models.Class{Class: class, Vectorizer: "none", Properties: properties}).Do(t.Context()))
	s, err := weaviate.New(weaviate.WithScheme("http"), weaviate.WithHost(address), weaviate.WithIndexName(class), weaviate.WithEmbedder(e),
		// By default the text of a document replaces what the metadata has as "text".
		weaviate.WithTextKey("content"),
		// A search returns only the keys that it is told. What is within one is
		// asked for in GraphQL.
		weaviate.WithQueryAttrs([]string{"kind", "canarykey", "text", "empty", "share", "flag", "count", "list", "map{inner}"}))
	require.NoError(t, err)
	return storetest.Target{Store: s, Collection: class, Server: host, Port: port}
}

var made atomic.Int64

func TestConformance(t *testing.T) {
	storetest.Run(t, open, storetest.Caps{
		System: "weaviate",
		Filter: func(key, value string) any {
			return filters.Where().WithPath([]string{key}).WithOperator(filters.Equal).WithValueText(value)
		},
		// A part of the class: spans have it as db.namespace.
		Namespaces: storetest.AllNamespaces,
		// Adding ignores the filter and the threshold.
		SearchRejects: map[string]vectorstores.Option{
			"filter of another type": vectorstores.WithFilters(map[string]any{"a": "b"}),
			"threshold above 1":      vectorstores.WithScoreThreshold(2), "threshold below 0": vectorstores.WithScoreThreshold(-1),
		},
		// GraphQL answers null for each key that a document does not have, and the
		// store leaves its own two keys in.
		Metadata: func(m map[string]any) map[string]any {
			delete(m, "nameSpace")
			delete(m, "_additional")
			for key, value := range m {
				if value == nil {
					delete(m, key)
				}
			}
			return m
		},
		// The client's error type has the cause in a field and no Unwrap.
		OpaqueErrors: true,
	})
}

// TestRefusedFilter: Weaviate quotes a filter that is no GraphQL of its schema.
func TestRefusedFilter(t *testing.T) {
	k := oteltest.New(t)
	target := open(t, &storetest.Embedder{})
	store := vectorstore.Wrap(target.Store, k.Handler)
	_, err := store.SimilaritySearch(t.Context(), "query", 3, vectorstores.WithFilters(
		filters.Where().WithPath([]string{"kind"}).WithOperator("Resembles").WithValueText("canaryvalue")))
	require.ErrorContains(t, err, "canaryvalue")
	assert.NotContains(t, k.Emitted(t), "canaryvalue")
	assert.Equal(t, "_OTHER: *fmt.wrapError", k.Span(t, "search "+target.Collection).Status().Description, "an error's message is content")
}
