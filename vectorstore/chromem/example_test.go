// SPDX-License-Identifier: Apache-2.0

package chromem_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func ExampleNew() {
	ctx := context.Background()
	vocabulary := []string{"cat", "dog", "garden", "sleep"}
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) { // counts words; yours: openai.New
			vectors := make([][]float32, len(texts))
			for i, text := range texts {
				for _, word := range vocabulary {
					vectors[i] = append(vectors[i], float32(strings.Count(strings.ToLower(text), word)))
				}
			}
			return vectors, nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	store, err := chromem.New(chromem.WithEmbedder(embedder))
	if err != nil {
		log.Fatal(err)
	}
	_, err = store.AddDocuments(ctx, []schema.Document{
		{PageContent: "The cat sleeps.", Metadata: map[string]any{"page": 1}},
		{PageContent: "The dog sleeps in the garden.", Metadata: map[string]any{"page": 2}},
		{PageContent: "The cat sleeps in the garden, the dog is away.", Metadata: map[string]any{"page": 3}},
	})
	if err != nil {
		log.Fatal(err)
	}

	found, err := store.SimilaritySearch(ctx, "Where do cats sleep?", 2,
		vectorstores.WithScoreThreshold(0.3))
	if err != nil {
		log.Fatal(err)
	}
	for _, doc := range found {
		fmt.Printf("%.2f page %d: %s\n", doc.Score, doc.Metadata["page"], doc.PageContent)
	}

	found, err = store.SimilaritySearch(ctx, "Where do cats sleep?", 2,
		vectorstores.WithFilters(map[string]any{"page": 2}))
	if err != nil {
		log.Fatal(err)
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
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) {
			return slices.Repeat([][]float32{{1, 0}}, len(texts)), nil // yours: openai.New
		}))
	if err != nil {
		log.Panic(err)
	}

	index := func(sources map[string]string) error {
		store, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithPersistence(dir))
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
			log.Panic(err)
		}
	}
	// Output:
	// cat.md is indexed, 0 replaced
	// dog.md is indexed, 0 replaced
	// cat.md is indexed, 1 replaced
	// dog.md is as it was
}
