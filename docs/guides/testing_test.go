// SPDX-License-Identifier: Apache-2.0

package guides_test

import (
	"context"
	"testing"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/spanloomtest"
)

func answer(ctx context.Context, handler *callbacks.Handler, client llms.Model, question string) (string, error) {
	llm := models.Wrap(client, handler)
	return chains.Workflow(ctx, handler, "answer", func(ctx context.Context) (string, error) {
		return llms.GenerateFromSinglePrompt(ctx, llm, question)
	})
}

func TestAnswer(t *testing.T) {
	k := spanloomtest.New(t)
	if _, err := answer(t.Context(), k.Handler, openAI(), "How long is the warranty?"); err != nil {
		t.Fatal(err)
	}
	k.AssertTree(t, "testdata/answer.tree") // go test -update writes the file
	k.AssertTokens(t, "gpt-4o-mini", 5, 2)
	k.AssertNoContent(t, "warranty")
	k.AssertNoOpenSpans(t)
}
