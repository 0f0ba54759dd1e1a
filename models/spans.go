// SPDX-License-Identifier: Apache-2.0

package models

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/wire"
)

// WithSpans makes the transport record model calls of any client, such as the
// providers' own SDKs: a "chat {model}" or "embeddings {model}" span of each request to
// a known endpoint, as [Wrap] makes it. An endpoint is known by its path, on any host:
// those of OpenAI and what is compatible, Anthropic, Gemini, Ollama and Cohere. A
// request inside a model span of h is part of that one, as without this option; other
// requests pass untouched.
//
// The span ends where the response's body is read to its end, is closed or fails, or
// where a stream says that it ends. Each request has a span of its own, so the retries
// of an SDK are several spans, unless one that Handler.Start opened with
// callbacks.KindChat is around the call: then they are its attempts.
//
// The request's body is read for the model, the parameters, and with a content policy
// the messages and tools. In memory are at most 4 MiB of it, and of a response 3 MiB
// with a content policy. It includes [WithHandler].
func WithSpans(h *callbacks.Handler) TransportOption {
	return transportOptionFunc(func(t *transport) { t.handler, t.spans = h, h != nil })
}

// Strings of a request's body that are longer are cut off.
const (
	maxString        = 1 << 20
	maxStringOfNames = 512
	maxPeek          = 1 << 20 // of a body without a copy
)

// request is one of a model.
type request struct {
	content.Body
	endpoint providers.Endpoint
}

// spanOf returns the span that a request belongs to, and the request to send. own is set
// if the span is of the request alone.
func (t *transport) spanOf(req *http.Request) (_ *http.Request, span *callbacks.Span, own bool) {
	ctx := req.Context()
	span = t.observed(ctx)
	// The spans of wrappers have what was asked for, those of events do not.
	if !t.spans || span != nil && span == callbacks.SpanFromContext(ctx) || callbacks.Suppressed(ctx) {
		return req, span, false
	}
	r, req := t.readRequest(req)
	switch {
	case r == nil:
	case span == nil:
		if ctx, span = t.start(req, r); span != nil {
			return req.WithContext(ctx), span, true
		}
	default:
		span.SetAttributes(genai.AppendRequest([]attribute.KeyValue{semconv.RequestModel.String(r.Model)}, &r.Options)...)
	}
	return req, span, false
}

// readRequest returns what req asks of a model, or nil, and the request to send.
func (t *transport) readRequest(req *http.Request) (*request, *http.Request) {
	if req.Method != http.MethodPost || req.Body == nil || req.Body == http.NoBody || req.Header.Get("Content-Encoding") != "" {
		return nil, req
	}
	r := &request{}
	var ok bool
	if r.endpoint, ok = providers.EndpointOf(req.URL); !ok {
		return nil, req
	}
	limit := maxStringOfNames
	if input, _ := t.handler.RecordsContent(req.Context()); input {
		limit = maxString
	}
	text, req := peek(req, limit)
	r.Body, ok = content.ReadBody(text, r.endpoint.Streams)
	r.Model = cmp.Or(r.Model, r.endpoint.Model)
	if !ok || r.Model == "" || r.endpoint.Embeds && len(r.Inputs) == 0 || !r.endpoint.Embeds && len(r.Messages) == 0 {
		return nil, req
	}
	return r, req
}

// peek returns the body of req with long strings cut off. Without a copy of the body
// its first MiB is read, and the request returned sends it all the same.
func peek(req *http.Request, maxString int) ([]byte, *http.Request) {
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil && body != nil {
			defer func() { _ = body.Close() }()
			return wire.Shorten(body, maxString), req
		}
	}
	read, err := io.ReadAll(io.LimitReader(req.Body, maxPeek))
	rest := io.Reader(req.Body)
	if err != nil {
		rest = failingReader{err}
	}
	again := *req
	again.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read), rest), req.Body}
	return wire.Shorten(bytes.NewReader(read), maxString), &again
}

// attributes are those that a sampler should see.
func (r *request) attributes(req *http.Request) []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.ProviderName.String(r.endpoint.Provider),
		semconv.ServerAddress.String(req.URL.Hostname()), semconv.ServerPort.Int(genai.PortOf(req.URL)),
	}
}

// start opens the span of a request.
func (t *transport) start(req *http.Request, r *request) (context.Context, *callbacks.Span) {
	kind := callbacks.KindChat
	if r.endpoint.Embeds {
		kind = callbacks.KindEmbeddings
	}
	ctx, span := t.handler.Start(req.Context(), kind, r.Model, r.attributes(req)...)
	if !span.IsRecording() {
		return ctx, span
	}
	if kind == callbacks.KindEmbeddings {
		span.SetAttributes(semconv.EmbeddingsBatchSize.Int(len(r.Inputs)))
		if r.Dimensions > 0 {
			span.SetAttributes(semconv.EmbeddingsDimensions.Int(r.Dimensions))
		}
		span.SetInput(r.Inputs)
		return ctx, span
	}
	span.SetAttributes(genai.AppendRequest(nil, &r.Options)...)
	span.SetInput(&r.Messages)
	setDetails(span, &r.Options)
	return ctx, span
}

// serverError is a failure that a response reports.
type serverError struct{ status, code string }

func failureOf(res *http.Response) error {
	if res.StatusCode < http.StatusBadRequest {
		return nil
	}
	return serverError{status: strconv.Itoa(res.StatusCode)}
}

func (e serverError) Error() string {
	if e.status != "" {
		return "the server answered with HTTP status " + e.status
	}
	return "the answer reports an error: " + e.code
}

// ErrorType is the value of error.type.
func (e serverError) ErrorType() string { return cmp.Or(e.status, e.code) }

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }
