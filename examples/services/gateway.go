// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
)

// newGateway asks the RAG service, as the workflow "answer". otelhttp makes the
// spans of the HTTP requests and sends traceparent and baggage along.
func newGateway(h *callbacks.Handler, rag string) http.Handler {
	client := &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
	ask := func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if session := r.Header.Get("X-Session"); session != "" {
			ctx = callbacks.ContextWithAssociation(ctx, attribute.String("session.id", session))
		}
		answer, err := chains.Workflow(ctx, h, "answer", func(ctx context.Context) (string, error) {
			// The session may be known to the other service, and nothing else.
			return post(callbacks.ContextWithBaggage(ctx, "session.id"), client, rag+"/ask", url.Values{"q": {r.FormValue("q")}})
		})
		reply(w, answer, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /ask", otelhttp.NewHandler(http.HandlerFunc(ask), "GET /ask"))
	return mux
}

// post sends the form in the body: the span of a client's request carries its
// whole URL, and a question in it would be content that no policy sees.
func post(ctx context.Context, client *http.Client, address string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode())) //nolint:gosec // the host is a flag's
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(req) //nolint:gosec // see above
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("the RAG service answered with status code: %d", res.StatusCode)
	}
	return string(body), err
}

func reply(w http.ResponseWriter, answer string, err error) {
	if err != nil {
		http.Error(w, "there is no answer", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, answer) //nolint:gosec // as text/plain
}
