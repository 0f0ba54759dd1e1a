// SPDX-License-Identifier: Apache-2.0

package guides_test

import (
	"context"
	"fmt"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/models"
)

func Example_streaming() {
	handler, printTree := recorded()
	ctx, client := context.Background(), openAI()

	llm := models.Wrap(client, handler)
	onChunk := func(_ context.Context, chunk []byte) error {
		_, err := fmt.Print(string(chunk))
		return err
	}
	_, err := llms.GenerateFromSinglePrompt(ctx, llm, "How long is the warranty?", llms.WithStreamingFunc(onChunk))
	fmt.Println(err)

	printTree()
	// Output:
	// Two years.<nil>
	// chat gpt-4o-mini  5 → 2 tokens  $0.000002
}
