// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"

	"github.com/tmc/langchaingo/vectorstores"
)

// Lister is a vector store that can say what it holds, and delete. chromem's is
// one; for others, write a type that embeds the store and adds these methods. A
// Lister below wrappers with a method Unwrap, such as vectorstore.Wrap's, is found.
// The options hold the name space of [WithNameSpace]. Both methods must be safe
// for concurrent use.
type Lister interface {
	// List calls yield with the id and the metadata of each document, until yield
	// returns false. yield does not change the metadata.
	List(ctx context.Context, yield func(id string, metadata map[string]any) bool, options ...vectorstores.Option) error
	// Delete deletes documents by id. Unknown ids are no error.
	Delete(ctx context.Context, ids []string, options ...vectorstores.Option) error
}

func findLister(s vectorstores.VectorStore) Lister {
	for s != nil {
		if l, ok := s.(Lister); ok {
			return l
		}
		w, ok := s.(interface {
			Unwrap() vectorstores.VectorStore
		})
		if !ok {
			break
		}
		s = w.Unwrap()
	}
	return nil
}
