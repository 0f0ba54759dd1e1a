// SPDX-License-Identifier: Apache-2.0

package guides_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/tmc/langchaingo/llms"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

func Example_sampling() {
	ctx, client := context.Background(), openAI()
	recorder := traceview.NewRecorder()
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"} {
		_ = os.Setenv(name, "none")
		defer func() { _ = os.Unsetenv(name) }()
	}

	shutdown, err := spanloom.Init(ctx,
		spanloom.WithSampler(sdktrace.ParentBased(keepWorkflows{"answer"})),
		spanloom.WithSpanProcessor(recorder))
	if err != nil {
		log.Print(err)
	}

	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Print(err)
	}
	llm := models.Wrap(client, handler)
	for _, name := range []string{"answer", "health_check"} {
		err := chains.DoWorkflow(ctx, handler, name, func(ctx context.Context) error {
			_, err := llms.GenerateFromSinglePrompt(ctx, llm, "How long is the warranty?")
			return err
		})
		fmt.Println(name, err)
	}
	_ = shutdown(ctx)
	_ = traceview.Tree(os.Stdout, recorder.Spans(), traceview.WithoutTimes())
	// Output:
	// answer <nil>
	// health_check <nil>
	// invoke_workflow answer
	// └─ chat gpt-4o-mini  5 → 2 tokens  $0.000002
}

// keepWorkflows keeps the traces of one workflow.
type keepWorkflows struct{ name string }

func (k keepWorkflows) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if p.Name == "invoke_workflow "+k.name {
		return sdktrace.AlwaysSample().ShouldSample(p)
	}
	return sdktrace.NeverSample().ShouldSample(p)
}

func (k keepWorkflows) Description() string { return "keepWorkflows " + k.name }
