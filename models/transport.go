// SPDX-License-Identifier: Apache-2.0

package models

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/wire"
	"github.com/spanloom/spanloom/metrics"
)

// TransportOption configures [NewTransport]. A nil TransportOption is ignored.
type TransportOption interface{ applyTransport(*transport) }

type transportOptionFunc func(*transport)

func (f transportOptionFunc) applyTransport(t *transport) { f(t) }

// WithTraceContext names the hosts that may learn the ids of the trace, so that it
// goes on there: "gateway.internal", "*.corp.example" for all below a domain, "*"
// for every host. Several uses add up. Default: none. Model providers cannot do
// anything with a program's trace ids, and tracestate may name its vendors.
//
// What is sent is W3C traceparent and tracestate, or what [WithPropagator] says.
func WithTraceContext(hosts ...string) TransportOption {
	return transportOptionFunc(func(t *transport) { t.hosts = append(t.hosts, hosts...) })
}

// WithPropagator sets what the hosts of [WithTraceContext] are sent to continue the
// trace. Default: W3C traceparent and tracestate, without baggage, which is the
// program's own. nil sends nothing.
func WithPropagator(p propagation.TextMapPropagator) TransportOption {
	return transportOptionFunc(func(t *transport) { t.propagator = p })
}

// WithHandler makes the transport know model calls that are open by events alone, of h
// registered on the client. Requests must be made on the goroutine of the call, which
// langchaingo's HTTP clients do. Spans of wrappers need no such option.
func WithHandler(h *callbacks.Handler) TransportOption {
	return transportOptionFunc(func(t *transport) { t.handler = h })
}

// NewTransport returns an http.RoundTripper to give to a provider's HTTP client
// (openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)})).
// It puts on the model or embedding span that a request belongs to what
// langchaingo does not pass on:
//
//   - gen_ai.response.id and gen_ai.response.model
//   - token usage: of embeddings, of providers whose clients drop it, and the
//     last one of a Gemini stream; where an operation takes several requests,
//     their sum
//   - the cost that OpenRouter, Perplexity or a LiteLLM proxy states
//   - finish reasons, where the client has none
//   - server.address and server.port
//   - http.response.status_code of failed requests, and the number of requests
//   - request ids, rate limits and retry-after, as http.response.header.{name}
//   - spanloom.incomplete, where an answer broke off
//   - an error that the body reports although the status is one of success
//
// [Retry] waits as long as the server asks for if the client has this transport.
//
// Bodies are read while the client reads them, and never kept: memory is bounded
// whatever comes, no byte is held back or changed, and what is not understood is
// ignored. Requests outside a model or embedding span pass untouched. For
// providers without such an option, set langchaingo's httputil.DefaultClient.
//
// A nil base means http.DefaultTransport. It is safe for concurrent use.
func NewTransport(base http.RoundTripper, opts ...TransportOption) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	t := &transport{base: base, propagator: propagation.TraceContext{}}
	for _, o := range opts {
		if o != nil {
			o.applyTransport(t)
		}
	}
	return t
}

type transport struct {
	base       http.RoundTripper
	propagator propagation.TextMapPropagator
	hosts      []string
	handler    *callbacks.Handler
	spans      bool // WithSpans
}

// mayLearn reports whether the host may learn the ids of the trace.
func (t *transport) mayLearn(host string) bool {
	for _, h := range t.hosts {
		if below, ok := strings.CutPrefix(h, "*"); ok && hasSuffixFold(host, below) || strings.EqualFold(host, h) {
			return true
		}
	}
	return false
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

var errNoResponse = errors.New("the RoundTripper returned neither a response nor an error")

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req, span, own := t.spanOf(req)
	if !own {
		return t.roundTrip(req, span)
	}
	returned := false
	defer func() {
		if !returned {
			span.End(callbacks.ErrUnwound)
		}
	}()
	res, err := t.roundTrip(req, span)
	returned = true
	if err != nil || res == nil {
		span.End(cmp.Or(cause(req.Context(), err), errNoResponse))
	} else if body, ok := res.Body.(*tap); ok {
		body.ownSpan(t.handler, res)
	} else {
		span.End(failureOf(res))
	}
	return res, err
}

// roundTrip makes the request, which span observes unless it is nil.
func (t *transport) roundTrip(req *http.Request, span *callbacks.Span) (*http.Response, error) {
	ctx := req.Context()
	attempt := pauseOf(ctx)
	if span == nil {
		res, err := t.base.RoundTrip(req)
		attempt.note(res, cause(ctx, err))
		if attempt != nil && err == nil && res != nil && res.Body != nil && res.Body != http.NoBody {
			res.Body = newTap(ctx, res, nil, attempt, metrics.Usage{})
		}
		return res, err
	}
	span.SetAttributes(semconv.ServerAddress.String(req.URL.Hostname()), semconv.ServerPort.Int(genai.PortOf(req.URL)))
	if t.propagator != nil && t.mayLearn(req.URL.Hostname()) {
		// A RoundTripper must not change the request it was given. Its trailers
		// are filled in while the body is read, so that map must stay the same.
		again := *req
		if again.Header = req.Header.Clone(); again.Header == nil {
			again.Header = http.Header{}
		}
		t.propagator.Inject(ctx, propagation.HeaderCarrier(again.Header))
		req = &again
	}
	res, err := t.base.RoundTrip(req)
	attempt.note(res, cause(ctx, err))
	// A base that returns neither is at fault, and http.Client says so.
	if err != nil || res == nil {
		span.SetResponse(0, cause(ctx, err))
		return res, err
	}
	var headers []attribute.KeyValue
	if span.IsRecording() {
		for name, value := range wire.Interesting(res.Header) {
			headers = append(headers, semconv.ResponseHeader(name, value))
		}
	}
	span.SetResponse(res.StatusCode, nil, headers...)
	usage := wire.Usage(res.Header)
	span.AddUsage(usage)
	if res.Body != nil && res.Body != http.NoBody {
		res.Body = newTap(ctx, res, span, attempt, usage)
	}
	return res, nil
}

// observed returns the model or embedding operation that a request belongs to.
func (t *transport) observed(ctx context.Context) *callbacks.Span {
	span := callbacks.SpanFromContext(ctx)
	if t.handler != nil {
		span = t.handler.Current(ctx)
	}
	if k := span.Kind(); k != callbacks.KindChat && k != callbacks.KindEmbeddings || callbacks.Suppressed(ctx) {
		return nil
	}
	return span
}

// cause is what kept a request from a response: the end of its context, which is
// also how http.Client.Timeout works, may have any error.
func cause(ctx context.Context, err error) error {
	if ended := ctx.Err(); err != nil && ended != nil {
		return ended
	}
	return err
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
