// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/tmc/langchaingo/httputil"
	"github.com/tmc/langchaingo/llms"
)

// reply is what the server answers: with nothing else, 200 and the body.
type reply struct {
	status int
	header map[string]string
	body   string
	cut    bool // the connection breaks after the body
	hold   bool // nothing more comes after the body, nor does it end
}

// answer is a JSON body.
func answer(body string) reply {
	return reply{header: map[string]string{"Content-Type": "application/json"}, body: body}
}

// refusal is an HTTP failure.
func refusal(status int, body string) reply {
	r := answer(body)
	r.status = status
	return r
}

// sse is a stream of server-sent events.
func sse(events ...string) reply {
	r := reply{header: map[string]string{"Content-Type": "text/event-stream; charset=utf-8"}}
	for _, e := range events {
		r.body += "data: " + oneLine(e) + "\n\n"
	}
	return r
}

// oneLine undoes the line breaks that are only for the reader: an event is a line.
func oneLine(s string) string { return readersBreaks.ReplaceAllString(s, "") }

var readersBreaks = regexp.MustCompile(`\n\t+`)

// after puts text before the body.
func (r reply) after(text string) reply { r.body = text + r.body; return r }

func (r reply) thenCut() reply  { r.cut = true; return r }
func (r reply) thenHold() reply { r.hold = true; return r }

// loopback is a server that answers every request with one reply.
type loopback struct {
	*httptest.Server
	reply reply

	mu   sync.Mutex
	seen []request
	// ctx is the caller's, ended by the server if ends is set.
	ctx  *ending
	ends bool
}

// request is what the server received.
type request struct {
	method, url, body string
	header            http.Header
}

func newLoopback(t *testing.T, c matrixCase) *loopback {
	s := &loopback{reply: c.reply}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *loopback) expect(ctx *ending, ends bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx, s.ends = ctx, ends
}

func (s *loopback) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

// ServeHTTP implements http.Handler.
func (s *loopback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	header := r.Header.Clone()
	if header.Get("X-Amz-Date") != "" { // signed anew for every request
		for _, own := range []string{"Authorization", "X-Amz-Date", "Amz-Sdk-Invocation-Id"} {
			header.Del(own)
		}
	}
	s.mu.Lock()
	s.seen = append(s.seen, request{r.Method, r.URL.String(), string(body), header})
	ctx, ends := s.ctx, s.ends
	s.mu.Unlock()
	if ends {
		ctx.end()
		<-r.Context().Done()
		return
	}
	w.Header()["Date"] = nil // some errors hold the header, and must be comparable
	for k, v := range s.reply.header {
		w.Header().Set(k, v)
	}
	if s.reply.status != 0 {
		w.WriteHeader(s.reply.status)
	}
	_, _ = io.WriteString(w, s.reply.body)
	switch {
	case s.reply.hold:
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	case s.reply.cut:
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// transport leads to the server, whatever the client calls it.
func (s *loopback) transport(host string) http.RoundTripper {
	base := s.Client().Transport
	if host == "" {
		return base
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host = "http", s.Listener.Addr().String()
		return base.RoundTrip(out)
	})
}

// host is the server as the span must name it.
func (s *loopback) host(fixed string) string {
	if fixed != "" {
		return fixed
	}
	u, _ := url.Parse(s.URL)
	return u.Host
}

// ending is a context that ends when told to: a deadline that passes at the
// moment the server has the request, on a machine of any speed.
type ending struct {
	context.Context
	done chan struct{}
	once sync.Once
	err  error
}

func (c *ending) end() { c.once.Do(func() { close(c.done) }) }

// Done implements context.Context.
func (c *ending) Done() <-chan struct{} { return c.done }

// Err implements context.Context.
func (c *ending) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

type roundTripperKey struct{}

// viaContext names the RoundTripper of a call to the clients that have no option
// for one: cohere's and llamafile's use httputil.DefaultClient, which a program
// sets up once, for all of them.
func viaContext(ctx context.Context, rt http.RoundTripper) context.Context {
	return context.WithValue(ctx, roundTripperKey{}, rt)
}

func init() {
	fallback := httputil.DefaultClient.Transport
	httputil.DefaultClient.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		if rt, ok := r.Context().Value(roundTripperKey{}).(http.RoundTripper); ok {
			return rt.RoundTrip(r)
		}
		return fallback.RoundTrip(r)
	})
}

// outcome is what a caller and the server have seen of a call.
type outcome struct {
	res         *llms.ContentResponse
	err         error
	panicked    string
	chunks      []string
	sawAnyChunk bool
	requests    []request
}

func (s *loopback) call(t *testing.T, c matrixCase, rt http.RoundTripper, m llms.Model) (o outcome) {
	ctx := &ending{Context: viaContext(t.Context(), rt), done: make(chan struct{}), err: c.ends}
	s.expect(ctx, c.ends != nil && c.first == nil && !c.beforeCall)
	if c.beforeCall {
		ctx.end()
	}
	// Anthropic's client calls on a goroutine of its own.
	var mu sync.Mutex
	chunk := func(parts ...[]byte) error {
		mu.Lock()
		o.chunks = append(o.chunks, string(slices.Concat(parts...)))
		first := !o.sawAnyChunk && len(slices.Concat(parts...)) > 0
		o.sawAnyChunk = o.sawAnyChunk || first
		mu.Unlock()
		if first && c.first != nil {
			return c.first(ctx.end)
		}
		return nil
	}
	options := slices.Clone(c.options)
	if c.stream {
		options = append(options, llms.WithStreamingFunc(func(_ context.Context, b []byte) error { return chunk(b) }))
	}
	if c.reasoning {
		options = append(options, llms.WithStreamingReasoningFunc(func(_ context.Context, r, b []byte) error { return chunk(r, b) }))
	}
	messages := c.messages
	if messages == nil {
		messages = prompt
	}
	defer func() {
		if r := recover(); r != nil {
			o.panicked = fmt.Sprint(r)
		}
		o.requests = s.requests()
	}()
	if c.call {
		var text string
		text, o.err = m.Call(ctx, messages[0].Parts[0].(llms.TextContent).Text, options...)
		o.res = &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: text}}}
		return o
	}
	o.res, o.err = m.GenerateContent(ctx, messages, options...)
	return o
}

// errEnough is what a caller's streaming function returns.
var errEnough error = enough{}

type enough struct{}

func (enough) Error() string { return "enough" }

func failing(func()) error { return errEnough }

func cancelling(end func()) error {
	end()
	return nil
}
