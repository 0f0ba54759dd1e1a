// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"io"

	"github.com/tmc/langchaingo/llms"
)

// core is what every model of this package has under its optional methods.
type core interface {
	llms.Model
	Unwrap() llms.Model
	// wrapped returns the wrapper, or nil for a model that has no handler.
	wrapped() *model
}

type (
	reasoner interface{ SupportsReasoning() bool }
	embedder interface {
		CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error)
	}
)

// withOptionalMethods returns m with exactly the optional methods of the inner
// model: callers find them by type assertion, and one too many misleads them as
// much as one too few.
func withOptionalMethods(m core, inner llms.Model) llms.Model {
	r, isReasoner := inner.(reasoner)
	e, isEmbedder := inner.(embedder)
	c, isCloser := inner.(io.Closer)
	switch {
	case isReasoner && isEmbedder && isCloser:
		return struct {
			core
			reasoner
			embedder
			io.Closer
		}{m, r, e, c}
	case isReasoner && isEmbedder:
		return struct {
			core
			reasoner
			embedder
		}{m, r, e}
	case isReasoner && isCloser:
		return struct {
			core
			reasoner
			io.Closer
		}{m, r, c}
	case isEmbedder && isCloser:
		return struct {
			core
			embedder
			io.Closer
		}{m, e, c}
	case isReasoner:
		return struct {
			core
			reasoner
		}{m, r}
	case isEmbedder:
		return struct {
			core
			embedder
		}{m, e}
	case isCloser:
		return struct {
			core
			io.Closer
		}{m, c}
	}
	return m
}
