// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"os"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/docs"
	"github.com/spanloom/spanloom/examples/internal/corpus"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/examples/cli/provider"
	"github.com/spanloom/spanloom/vectorstore"
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
	loaded, err := corpus.LoadFS(ctx, docs.FS, func(string, int, int) {})
	if err != nil {
		return nil, err
	}
	chunks, err := corpus.Split(loaded, 900, 100)
	if err != nil {
		return nil, err
	}
	traced := vectorstore.Wrap(store, h)
	if _, err := traced.AddDocuments(ctx, chunks); err != nil {
		return nil, err
	}
	qa := chains.Instrument(lcchains.NewRetrievalQAFromLLM(set.LLM, vectorstores.ToRetriever(traced, 4)), h)

	ask := func(w http.ResponseWriter, r *http.Request) {
		ctx := callbacks.ContextFromBaggage(r.Context(), "session.id")
		answer, err := lcchains.Run(ctx, qa, r.FormValue("q"))
		reply(w, answer, err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /ask", otelhttp.NewHandler(http.HandlerFunc(ask), "POST /ask"))
	return mux, nil
}
