// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"fmt"
	"net/http"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
)

// The whole of it for a provider of langchaingo's: seen on the wire, repeated
// where that helps, recorded.
func Example() {
	handler, err := callbacks.NewHandler()
	if err != nil {
		fmt.Println(err) // the handler works all the same
	}
	client, err := openai.New(
		openai.WithToken("sk-..."),
		openai.WithModel("gpt-4o-mini"),
		openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	model := models.Wrap(models.Retry(client), handler)
	embedder, err := embeddings.NewEmbedder(model) // one value chats and embeds
	fmt.Println(embedder != nil, err)
	original, ok := models.As[*openai.LLM](model)
	fmt.Println(original == client, ok)
	// Output:
	// true <nil>
	// true true
}
