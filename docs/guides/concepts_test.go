// SPDX-License-Identifier: Apache-2.0

package guides_test

import (
	"context"
	"fmt"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/models"
)

func Example_concepts() {
	handler, printTree := recorded()
	ctx, client := context.Background(), openAI()

	llm := models.Wrap(client, handler)
	article, err := chains.Workflow(ctx, handler, "write_article", func(ctx context.Context) (string, error) {
		outline, err := chains.Task(ctx, handler, "outline", func(ctx context.Context) (string, error) {
			return llms.GenerateFromSinglePrompt(ctx, llm, "Outline an article about lamps.")
		})
		if err != nil {
			return "", err
		}
		return chains.Task(ctx, handler, "write", func(ctx context.Context) (string, error) {
			return llms.GenerateFromSinglePrompt(ctx, llm, "Write an article: "+outline)
		})
	})
	fmt.Println(article, err)

	printTree()
	// Output:
	// Lamps give light, and shade. <nil>
	// invoke_workflow write_article
	// ├─ execute_task outline
	// │  └─ chat gpt-4o-mini  5 → 4 tokens  $0.000003
	// └─ execute_task write
	//    └─ chat gpt-4o-mini  7 → 5 tokens  $0.000004
}
