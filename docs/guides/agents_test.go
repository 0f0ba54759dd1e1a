// SPDX-License-Identifier: Apache-2.0

package guides_test

import (
	"context"
	"fmt"

	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	lctools "github.com/tmc/langchaingo/tools"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
)

func Example_agents() {
	handler, printTree := recorded()
	ctx, client := context.Background(), openAI()

	executor := lcagents.NewExecutor(lcagents.NewOneShotAgent(client, []lctools.Tool{lctools.Calculator{}}))
	traced := agents.Instrument(executor, handler, agents.WithName("helper"))
	answer, err := lcchains.Run(ctx, traced, "What is 6 * 7?")
	fmt.Println(answer, err)

	printTree()
	// Output:
	// 42 <nil>
	// invoke_agent helper  257 → 21 tokens
	// ├─ chat gpt-4o-mini  122 → 11 tokens  $0.000025
	// ├─ execute_tool calculator
	// └─ chat gpt-4o-mini  135 → 10 tokens  $0.000026
}

func Example_agentsOwnLoop() {
	handler, printTree := recorded()
	ctx, client := context.Background(), openAI()

	llm := models.Wrap(client, handler)
	tool := agents.WrapTool(lctools.Calculator{}, handler)

	ctx, span := handler.Start(ctx, callbacks.KindAgent, "calculating")
	_, err := llms.GenerateFromSinglePrompt(ctx, llm, "What is 6 * 7?") // the model asks for a tool
	if err == nil {
		_, err = tool.Call(ctx, "6 * 7")
	}
	span.End(err)

	printTree()
	// Output:
	// invoke_agent calculating  5 → 11 tokens
	// ├─ chat gpt-4o-mini  5 → 11 tokens  $0.000007
	// └─ execute_tool calculator
}
