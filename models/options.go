// SPDX-License-Identifier: Apache-2.0

package models

// Option configures [Wrap]. A nil Option is ignored.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct{ provider, model string }

// WithProvider states gen_ai.provider.name, for models whose type does not tell
// it: your own, or a server that speaks another provider's protocol. Default:
// found from the type, else "unknown".
func WithProvider(name string) Option {
	return optionFunc(func(c *config) { c.provider = name })
}

// WithModel states the model that is asked for when neither a call says one nor
// the provider's client, as far as that can be found: it takes the place of no
// model that is known. Default: the span names none then.
func WithModel(name string) Option {
	return optionFunc(func(c *config) { c.model = name })
}
