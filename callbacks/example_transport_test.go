// SPDX-License-Identifier: Apache-2.0

package callbacks_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/traceview"
)

// acmeTransport records the requests of acme's client on the operation around them.
type acmeTransport struct{ base http.RoundTripper }

func (t acmeTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	span := callbacks.SpanFromContext(req.Context())
	res, err := t.base.RoundTrip(req)
	if err != nil {
		span.SetResponse(0, err)
		return nil, err
	}
	span.SetResponse(res.StatusCode, nil)
	if tokens, err := strconv.Atoi(res.Header.Get("Acme-Tokens")); err == nil {
		span.AddUsage(metrics.Usage{Input: tokens})
	}
	return res, nil
}

// An HTTP client of a provider that models.NewTransport does not know. Its client
// sends a request again after a 503, and both belong to one operation.
func ExampleSpan_SetResponse() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	client := &http.Client{Transport: acmeTransport{&acmeServer{}}}

	ask := func(ctx context.Context) (err error) {
		ctx, span := handler.Start(ctx, callbacks.KindChat, "acme-large")
		defer func() { span.End(err) }()
		for range 2 {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://acme.example", http.NoBody)
			if err != nil {
				return err
			}
			res, err := client.Do(req)
			if err != nil {
				return err
			}
			if err := res.Body.Close(); err != nil || res.StatusCode == http.StatusOK {
				return err
			}
		}
		return nil
	}

	fmt.Println(ask(context.Background()))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	for _, kv := range spans.Spans()[0].Attributes() {
		switch kv.Key {
		case "http.response.status_code", "spanloom.http.attempts":
			fmt.Println(kv.Key, kv.Value.AsInt64())
		}
	}
	// Output:
	// <nil>
	// chat acme-large  14 → 0 tokens
	// spanloom.http.attempts 2
	// http.response.status_code 200
}

// acmeServer stands for acme's server, busy at first.
type acmeServer struct{ requests int }

func (s *acmeServer) RoundTrip(*http.Request) (*http.Response, error) {
	s.requests++
	res := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Acme-Tokens": {"14"}}, Body: io.NopCloser(strings.NewReader("{}"))}
	if s.requests == 1 {
		res.StatusCode, res.Header = http.StatusServiceUnavailable, http.Header{}
	}
	return res, nil
}
