// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/wire"
	"github.com/spanloom/spanloom/metrics"
)

// tap is a response body that is read along with its reader.
type tap struct {
	io.ReadCloser
	span    *callbacks.Span // nil if only the retrier wants to know of errors
	attempt *pause          // nil without a retrier
	ctx     context.Context //nolint:containedctx // of the request: clients hide that it ended
	parser  *wire.Parser
	// header is the usage in the response's headers, for a body without any.
	header metrics.Usage
	// refused is set if the HTTP status is not one of success. Only the error's code
	// is taken from such a body.
	refused bool

	// own is set if the span is of this request and ends with its body. answer is nil
	// unless its content is recorded, and chunks counts those that the span has.
	own     bool
	answer  *content.Answer
	chunks  int
	refusal error

	mu      sync.Mutex // a body may be closed while it is read
	failure string
	version int
	began   bool          // the span knows that a stream has begun
	usage   metrics.Usage // that the span has so far
	over    bool
}

// newTap reads the body of res, of whose usage the span knows that of the headers.
func newTap(ctx context.Context, res *http.Response, span *callbacks.Span, attempt *pause, header metrics.Usage) *tap {
	encoding := res.Header.Get("Content-Encoding")
	if res.Uncompressed {
		encoding = ""
	}
	return &tap{
		ReadCloser: res.Body, span: span, attempt: attempt, ctx: ctx, parser: wire.NewParser(res.Header.Get("Content-Type"), encoding),
		header: header, usage: header, refused: res.StatusCode < 200 || res.StatusCode >= 300,
	}
}

// Read implements io.Reader.
func (t *tap) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if n > 0 && n <= len(p) {
		t.parser.Write(p[:n])
		// At once, not at the end: a client may stop at the closing bracket, and
		// close the body after the call has returned.
		t.tell()
	}
	// A client that has seen the end of a stream may neither read on nor close it.
	if isOver := t.own && t.isOver(); isOver || err != nil {
		t.finish(err)
	}
	return n, err
}

// ownSpan makes the body end its span.
func (t *tap) ownSpan(h *callbacks.Handler, res *http.Response) {
	t.own, t.refusal = true, failureOf(res)
	if _, output := h.RecordsContent(t.ctx); output && t.span.IsRecording() && !t.refused && t.span.Kind() == callbacks.KindChat {
		t.answer = new(content.Answer)
		t.parser.OnValue(t.answer.Add)
	}
}

// isOver reports whether a stream has ended by what it says, and counts its chunks.
func (t *tap) isOver() bool {
	if !t.parser.Streams() {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for n := t.parser.Chunks(); t.chunks < n; t.chunks++ {
		t.span.Chunk()
	}
	return t.parser.Ended() || t.failure != ""
}

// end ends the request's own span. err is what reading the body returned.
func (t *tap) end(err error) {
	if !t.own {
		return
	}
	if t.answer != nil {
		if res := t.answer.Response(); res != nil {
			t.span.SetOutput(res)
		}
	}
	switch {
	case t.refusal != nil:
		err = t.refusal
	case t.failure != "":
		err = serverError{code: t.failure}
	case errors.Is(err, io.EOF):
		err = nil
	default:
		err = cause(t.ctx, err)
	}
	t.span.End(err)
}

// Close implements io.Closer.
func (t *tap) Close() error {
	err := t.ReadCloser.Close()
	t.finish(nil)
	return err
}

func (t *tap) tell() {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.parser.Version()
	if v == t.version {
		return
	}
	t.version = v
	f := t.parser.Response()
	if f.ErrorCode != "" {
		t.span.SetAttributes(semconv.ErrorCode.String(f.ErrorCode))
	}
	if t.refused {
		return
	}
	t.fail(f.Failure)
	if !t.began && f.Failure == "" && t.parser.Streams() {
		t.began = true
		t.span.StreamBegan()
	}
	t.failure = f.Failure
	var buf [4]attribute.KeyValue
	kv := buf[:0]
	if f.ID != "" && t.span.Kind() == callbacks.KindChat {
		kv = append(kv, semconv.ResponseID.String(f.ID))
	}
	if f.Model != "" {
		kv = append(kv, semconv.ResponseModel.String(f.Model))
	}
	if r := genai.FinishReasonsOf(f.FinishReason); r.Valid() && t.span.Kind() == callbacks.KindChat {
		kv = append(kv, r)
	}
	t.span.SetAttributes(kv...)
	// Streams count upward, and the counts of several requests add up. Bedrock
	// has the same in headers and in bodies.
	usage := f.Usage.Or(t.header)
	t.span.AddUsage(usage.Sub(t.usage))
	t.usage = usage
	if f.Complete && f.Failure == "" && t.parser.Streams() {
		t.span.SetComplete(true)
	}
}

func (t *tap) fail(errorType string) {
	if errorType != "" {
		t.span.SetFailure(errorType)
		t.attempt.fail(errorType)
	}
}

// finish is called where the body ends: err is what a reader got, nil if it was closed.
func (t *tap) finish(err error) {
	t.mu.Lock()
	over, understood := t.over, t.parser.Understood()
	t.over = true
	t.mu.Unlock()
	if over {
		return
	}
	t.parser.Close()
	t.tell()
	defer func() { t.end(err) }()
	f := t.parser.Response()
	if !understood || t.refused || f.Complete && (f.Failure == "" || !t.parser.Streams()) {
		return
	}
	t.span.SetComplete(false)
	if f.Failure == "" {
		if err == nil {
			err = t.ctx.Err()
		}
		t.fail(genai.ErrorType(t.ctx.Err(), nil, genai.Exchange{}))
	}
}
