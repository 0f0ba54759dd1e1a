// SPDX-License-Identifier: Apache-2.0

package chromem_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// wordEmbedder counts a few words. Programs use an embedding model:
// embeddings.NewEmbedder of langchaingo.
type wordEmbedder struct{}

func (wordEmbedder) EmbedQuery(_ context.Context, text string) ([]float32, error) {
	words := []string{"cat", "dog", "garden", "sleep"}
	v := make([]float32, len(words))
	for i, word := range words {
		v[i] = float32(strings.Count(strings.ToLower(text), word))
	}
	return v, nil
}

func (e wordEmbedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		out[i], _ = e.EmbedQuery(ctx, text)
	}
	return out, nil
}

func Example() {
	ctx := context.Background()
	store, err := chromem.New(chromem.WithEmbedder(wordEmbedder{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = store.AddDocuments(ctx, []schema.Document{
		{PageContent: "The cat sleeps.", Metadata: map[string]any{"page": 1}},
		{PageContent: "The dog sleeps in the garden.", Metadata: map[string]any{"page": 2}},
		{PageContent: "The cat sleeps in the garden, the dog is away.", Metadata: map[string]any{"page": 3}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	found, err := store.SimilaritySearch(ctx, "Where do cats sleep?", 2,
		vectorstores.WithScoreThreshold(0.3))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, doc := range found {
		fmt.Printf("%.2f page %d: %s\n", doc.Score, doc.Metadata["page"], doc.PageContent)
	}

	found, err = store.SimilaritySearch(ctx, "Where do cats sleep?", 2,
		vectorstores.WithFilters(map[string]any{"page": 2}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, doc := range found {
		fmt.Printf("%.2f page %d: %s\n", doc.Score, doc.Metadata["page"], doc.PageContent)
	}
	// Output:
	// 1.00 page 1: The cat sleeps.
	// 0.71 page 3: The cat sleeps in the garden, the dog is away.
	// 0.41 page 2: The dog sleeps in the garden.
}

// An index that is kept on disk and embeds only what has changed.
func ExampleStore_All() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	index := func(sources map[string]string) error {
		store, err := chromem.New(chromem.WithEmbedder(wordEmbedder{}), chromem.WithPersistence(dir))
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }()
		stored := map[string]string{}
		for e, err := range store.All(ctx) {
			if err != nil {
				return err
			}
			stored[e.Metadata["source"].(string)] = e.Metadata["hash"].(string)
		}
		for _, source := range slices.Sorted(maps.Keys(sources)) {
			hash := fmt.Sprintf("%x", sha256.Sum256([]byte(sources[source])))
			if stored[source] == hash {
				fmt.Println(source, "is as it was")
				continue
			}
			replaced, err := store.DeleteWhere(ctx, map[string]any{"source": source})
			if err != nil {
				return err
			}
			_, err = store.AddDocuments(ctx, []schema.Document{{
				PageContent: sources[source], Metadata: map[string]any{"source": source, "hash": hash},
			}})
			if err != nil {
				return err
			}
			fmt.Println(source, "is indexed,", replaced, "replaced")
		}
		return nil
	}
	for _, sources := range []map[string]string{
		{"cat.md": "The cat sleeps.", "dog.md": "The dog sleeps."},
		{"cat.md": "The cat sleeps in the garden.", "dog.md": "The dog sleeps."},
	} {
		if err := index(sources); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// cat.md is indexed, 0 replaced
	// dog.md is indexed, 0 replaced
	// cat.md is indexed, 1 replaced
	// dog.md is as it was
}
