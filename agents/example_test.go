// SPDX-License-Identifier: Apache-2.0

package agents_test

import (
	"context"
	"fmt"
	"log"
	"os"

	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms/fake"
	lctools "github.com/tmc/langchaingo/tools"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/traceview"
)

func ExampleInstrument() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{ // yours: openai.New
		"Thought: I should calculate\nAction: calculator\nAction Input: 6 * 7",
		"Thought: I now know the final answer\nFinal Answer: 42",
	})
	executor := lcagents.NewExecutor(lcagents.NewOneShotAgent(llm, []lctools.Tool{lctools.Calculator{}}))

	traced := agents.Instrument(executor, handler, agents.WithName("helper"))
	answer, err := lcchains.Run(context.Background(), traced, "What is 6 * 7?")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 42 <nil>
	// invoke_agent helper
	// ├─ chat
	// ├─ execute_tool calculator
	// └─ chat
}

// An agent that a loop of your own runs. The loop's span is Start's.
func ExampleWrapAgent() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{ // yours: openai.New
		"Thought: I should calculate\nAction: calculator\nAction Input: 6 * 7",
		"Thought: I now know the final answer\nFinal Answer: 42",
	})
	agent := agents.WrapAgent(lcagents.NewOneShotAgent(llm, []lctools.Tool{lctools.Calculator{}}), handler)

	ctx, span := handler.Start(context.Background(), callbacks.KindAgent, "helper")
	actions, _, err := agent.Plan(ctx, nil, map[string]string{"input": "What is 6 * 7?"})
	for _, action := range actions {
		result, err := agent.GetTools()[0].Call(ctx, action.ToolInput)
		fmt.Println(action.Tool, result, err)
	}
	span.End(err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// calculator 42 <nil>
	// invoke_agent helper
	// ├─ chat
	// └─ execute_tool calculator
}

func ExampleWrapTool() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	calculator := agents.WrapTool(lctools.Calculator{}, handler)
	result, err := calculator.Call(context.Background(), "6 * 7")
	fmt.Println(result, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 42 <nil>
	// execute_tool calculator
}
