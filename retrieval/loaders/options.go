// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/documentloaders"
)

// Option configures a [Loader]. A nil Option is ignored.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	prefix   string
	only     map[string]bool
	types    map[string]func(*bytes.Reader) documentloaders.Loader
	progress func(source string)
	max      int64
}

const defaultMaxSize = 64 << 20

func newConfig(opts []Option) config {
	c := config{max: defaultMaxSize, types: map[string]func(*bytes.Reader) documentloaders.Loader{}}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// known reports whether files of this name are loaded.
func (c config) known(name string) bool {
	e := ext(name)
	if c.only != nil && !c.only[e] {
		return false
	}
	if f, ok := c.types[e]; ok {
		return f != nil
	}
	return slices.Contains([]string{".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".csv"}, e)
}

// WithPrefix puts a text before each source, so that folders with files of the
// same names can share a store: "handbook/".
func WithPrefix(prefix string) Option {
	return optionFunc(func(c *config) { c.prefix = prefix })
}

// WithExtensions loads only files whose names end so, such as ".md"; upper and
// lower case are the same. Default: all types that are known.
func WithExtensions(extensions ...string) Option {
	return optionFunc(func(c *config) {
		c.only = map[string]bool{}
		for _, e := range extensions {
			c.only[normal(e)] = true
		}
	})
}

// WithType sets how files with an extension are loaded: other types than the
// known ones, or these with options.
//
//	loaders.WithType(".pdf", func(r *bytes.Reader) documentloaders.Loader {
//		return documentloaders.NewPDF(r, r.Size(), documentloaders.WithPassword(password))
//	})
//
// The file is given as it is, and f is called for several at the same time if
// the Loader is used so. With a nil f such files are skipped.
func WithType(extension string, f func(r *bytes.Reader) documentloaders.Loader) Option {
	return optionFunc(func(c *config) { c.types[normal(extension)] = f })
}

// WithMaxSize bounds in bytes what has to be in memory at once: a file, the decoded
// content of a PDF's page and all its text, and a row of a CSV file, which itself may
// be of any size. What is larger is an [*Error]. Loading takes a few times as much
// memory. Default: 64 MiB. Less than 1 means the default.
func WithMaxSize(bytes int64) Option {
	return optionFunc(func(c *config) { c.max = cmp.Or(max(bytes, 0), defaultMaxSize) })
}

// WithProgress calls f with the source of each file before the file is read.
func WithProgress(f func(source string)) Option {
	return optionFunc(func(c *config) { c.progress = f })
}

func normal(extension string) string {
	return "." + strings.ToLower(strings.TrimPrefix(extension, "."))
}
