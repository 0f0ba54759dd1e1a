// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"os"

	lcchains "github.com/tmc/langchaingo/chains"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/docs"
	"github.com/spanloom/spanloom/examples/cli/provider"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// newRAG answers from the project's documentation. The trace and the session
// come in with the request.
func newRAG(ctx context.Context, h *callbacks.Handler) (http.Handler, error) {
	set, err := provider.New(provider.Config{Name: offline.Provider, Getenv: os.Getenv}, h)
	if err != nil {
		return nil, err
	}
	store, err := chromem.New(chromem.WithEmbedder(set.Embedder), chromem.WithCollection("docs"))
	if err != nil {
		return nil, err
	}
	x, err := index.New(h, index.WithStore(store))
	if err != nil {
		return nil, err
	}
	if _, err := x.Add(ctx, loaders.FS(docs.FS)); err != nil {
		return nil, err
	}
	qa := chains.Instrument(lcchains.NewRetrievalQAFromLLM(set.LLM, x.Retriever()), h)

	ask := func(w http.ResponseWriter, r *http.Request) {
		ctx := callbacks.ContextFromBaggage(r.Context(), "session.id")
		answer, err := lcchains.Run(ctx, qa, r.FormValue("q"))
		reply(w, answer, err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /ask", otelhttp.NewHandler(http.HandlerFunc(ask), "POST /ask"))
	return mux, nil
}
