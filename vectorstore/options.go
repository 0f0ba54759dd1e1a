// SPDX-License-Identifier: Apache-2.0

package vectorstore

import "github.com/spanloom/spanloom/internal/genai"

// Option configures [Wrap]. A nil Option is ignored.
type Option interface{ apply(*genai.StoreTarget) }

type optionFunc func(*genai.StoreTarget)

func (f optionFunc) apply(t *genai.StoreTarget) { f(t) }

// WithSystem states db.system.name. Default: known for the stores of langchaingo
// and for chromem, else "other".
func WithSystem(name string) Option {
	return optionFunc(func(t *genai.StoreTarget) { t.System = name })
}

// WithCollection states db.collection.name: the collection, index or table. It
// is part of the span's name. Default: what the store was made with, where that
// can be found. Calls whose vectorstores.WithNameSpace is known to select
// another collection are named by that one.
func WithCollection(name string) Option {
	return optionFunc(func(t *genai.StoreTarget) { t.SetCollection(name) })
}

// WithServer states server.address and server.port. Default: what the store was
// made with, where that can be found.
func WithServer(address string, port int) Option {
	return optionFunc(func(t *genai.StoreTarget) { t.ServerAddress, t.ServerPort = address, port })
}
