// SPDX-License-Identifier: Apache-2.0

package chains

// Option configures [Wrap] and [Instrument]. A nil Option is ignored.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct{ name string }

// WithName names the chain in its span and in traceloop.entity.name. Keep it
// low in cardinality. Default: the name of the chain's type.
func WithName(name string) Option {
	return optionFunc(func(c *config) { c.name = name })
}

func newConfig(name string, opts []Option) config {
	c := config{name}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}
