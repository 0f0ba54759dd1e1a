// SPDX-License-Identifier: Apache-2.0

package vectorstore

// Option configures [Wrap]. A nil Option is ignored.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct{ system, collection string }

// WithSystem states db.system.name. Default: known for the stores of langchaingo
// and for chromem, else "other".
func WithSystem(name string) Option {
	return optionFunc(func(c config) config {
		c.system = name
		return c
	})
}

// WithCollection states db.collection.name: the collection, index or table. It
// is part of the span's name. Default: what the store was made with, where that
// can be found.
func WithCollection(name string) Option {
	return optionFunc(func(c config) config {
		c.collection = name
		return c
	})
}
