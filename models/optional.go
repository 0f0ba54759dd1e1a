// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"io"

	"github.com/tmc/langchaingo/llms"
)

type (
	reasoner interface{ SupportsReasoning() bool }
	embedder interface {
		CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error)
	}
)

// withOptionalMethods returns a value that has exactly the optional methods of
// the inner model: callers find them by type assertion, and one too many
// misleads them as much as one too few.
func (m *model) withOptionalMethods() llms.Model {
	r, isReasoner := m.inner.(reasoner)
	e, isEmbedder := m.inner.(embedder)
	c, isCloser := m.inner.(io.Closer)
	switch {
	case isReasoner && isEmbedder && isCloser:
		return struct {
			*model
			reasoner
			embedder
			io.Closer
		}{m, r, e, c}
	case isReasoner && isEmbedder:
		return struct {
			*model
			reasoner
			embedder
		}{m, r, e}
	case isReasoner && isCloser:
		return struct {
			*model
			reasoner
			io.Closer
		}{m, r, c}
	case isEmbedder && isCloser:
		return struct {
			*model
			embedder
			io.Closer
		}{m, e, c}
	case isReasoner:
		return struct {
			*model
			reasoner
		}{m, r}
	case isEmbedder:
		return struct {
			*model
			embedder
		}{m, e}
	case isCloser:
		return struct {
			*model
			io.Closer
		}{m, c}
	}
	return m
}
