// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"io"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/embed"
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
	closer io.Closer
	haver  lccallbacks.HandlerHaver
)

// optional holds the optional methods of a model, nil for those it lacks.
type optional struct {
	reasoner
	embedder
	closer
	haver
}

func optionalOf(m llms.Model) (o optional) {
	o.reasoner, _ = m.(reasoner)
	o.embedder, _ = m.(embedder)
	o.closer, _ = m.(closer)
	o.haver, _ = m.(haver)
	return o
}

// on returns m with exactly these methods: callers find them by type assertion,
// and one too many misleads them as much as one too few. Go makes method sets
// of types, so each combination is one.
func (o optional) on(m core) llms.Model {
	if o.haver == nil {
		return o.withoutHandler(m)
	}
	r, e, c := o.reasoner != nil, o.embedder != nil, o.closer != nil
	switch {
	case r && e && c:
		return struct {
			core
			reasoner
			embedder
			closer
			haver
		}{m, o.reasoner, o.embedder, o.closer, o.haver}
	case r && e:
		return struct {
			core
			reasoner
			embedder
			haver
		}{m, o.reasoner, o.embedder, o.haver}
	case r && c:
		return struct {
			core
			reasoner
			closer
			haver
		}{m, o.reasoner, o.closer, o.haver}
	case e && c:
		return struct {
			core
			embedder
			closer
			haver
		}{m, o.embedder, o.closer, o.haver}
	case r:
		return struct {
			core
			reasoner
			haver
		}{m, o.reasoner, o.haver}
	case e:
		return struct {
			core
			embedder
			haver
		}{m, o.embedder, o.haver}
	case c:
		return struct {
			core
			closer
			haver
		}{m, o.closer, o.haver}
	}
	return struct {
		core
		haver
	}{m, o.haver}
}

func (o optional) withoutHandler(m core) llms.Model {
	r, e, c := o.reasoner != nil, o.embedder != nil, o.closer != nil
	switch {
	case r && e && c:
		return struct {
			core
			reasoner
			embedder
			closer
		}{m, o.reasoner, o.embedder, o.closer}
	case r && e:
		return struct {
			core
			reasoner
			embedder
		}{m, o.reasoner, o.embedder}
	case r && c:
		return struct {
			core
			reasoner
			closer
		}{m, o.reasoner, o.closer}
	case e && c:
		return struct {
			core
			embedder
			closer
		}{m, o.embedder, o.closer}
	case r:
		return struct {
			core
			reasoner
		}{m, o.reasoner}
	case e:
		return struct {
			core
			embedder
		}{m, o.embedder}
	case c:
		return struct {
			core
			closer
		}{m, o.closer}
	}
	return m
}

// recordedEmbedder is the CreateEmbedding of a wrapped model.
type recordedEmbedder struct {
	inner    embedder
	observer *embed.Observer
}

func (e recordedEmbedder) CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error) {
	return e.observer.Texts(ctx, texts, e.inner.CreateEmbedding)
}
