// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"fmt"

	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/retrieval/index"
)

// queryable is what the example needs of a database.
type queryable interface {
	Each(ctx context.Context, query string, row func(id string, metadata map[string]any) bool) error
	Exec(ctx context.Context, query string, ids []string) error
}

// listedStore adds to langchaingo's pgvector store what an index asks for.
type listedStore struct {
	vectorstores.VectorStore
	db queryable
}

func (s listedStore) List(ctx context.Context, yield func(string, map[string]any) bool, _ ...vectorstores.Option) error {
	return s.db.Each(ctx, "SELECT e.uuid, e.cmetadata FROM langchain_pg_embedding e "+
		"JOIN langchain_pg_collection c ON e.collection_id = c.uuid WHERE c.name = 'handbook'", yield)
}

func (s listedStore) Delete(ctx context.Context, ids []string, _ ...vectorstores.Option) error {
	return s.db.Exec(ctx, "DELETE FROM langchain_pg_embedding WHERE uuid = ANY($1)", ids)
}

// langchaingo's stores cannot say what they hold. With two methods more, an index
// embeds only what is new, and deletes what is gone.
func ExampleLister() {
	var store vectorstores.VectorStore // yours: pgvector.New
	var db queryable                   // yours: a pool of connections
	_, err := index.New(nil, index.WithStore(listedStore{store, db}))
	fmt.Println(err)
	// Output: <nil>
}
