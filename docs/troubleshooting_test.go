// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/fake"
	"github.com/tmc/langchaingo/llms/openai"
	"go.opentelemetry.io/otel/codes"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/examples/gettingstarted/fakeopenai"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/spanloomtest"
)

var (
	symptom     = regexp.MustCompile(`(?m)^### (.+)$`)
	symptomTest = regexp.MustCompile("(?m)^Test: `(\\S+) ((?:Test|Example)\\w+)`$")
)

// Each symptom of troubleshooting.md has its meaning, its remedy, and a test that exists.
func TestTroubleshooting(t *testing.T) {
	page, err := FS.ReadFile("troubleshooting.md")
	require.NoError(t, err)
	sections := strings.Split(string(page), "\n### ")[1:]
	assert.Len(t, symptom.FindAllString(string(page), -1), len(sections))
	assert.GreaterOrEqual(t, len(sections), 30)
	for _, section := range sections {
		title, _, _ := strings.Cut(section, "\n")
		assert.Contains(t, section, "**Means**: ", title)
		assert.Contains(t, section, "**Do**: ", title)
		tests := symptomTest.FindAllStringSubmatch(section, -1)
		if assert.Len(t, tests, 1, title) {
			assert.True(t, hasTest(t, filepath.Join("..", tests[0][1]), tests[0][2]), "%s: there is no test %s %s", title, tests[0][1], tests[0][2])
		}
	}
}

// The quoted messages are what the code says.
func TestTroubleshootingQuotesMessages(t *testing.T) {
	page := contentOf(t, "troubleshooting.md")
	for file, messages := range map[string][]string{
		"../chains/unopened.go":          {"chains: Instrument does not open"},
		"../callbacks/frames.go":         {"takes no callback handler, and one call of it makes several traces"},
		"../metrics/cost.go":             {"no price for model"},
		"../losses.go":                   {"the queue of spans is full", "too large for the backend", "the backend did not answer"},
		"../http.go":                     {"looks like gRPC", "which is not OTLP"},
		"../internal/envvars/envvars.go": {"is not known: did you mean"},
		"../init.go":                     {"Init was called already"},
	} {
		for _, message := range messages {
			assert.Contains(t, page, message)
			assert.Contains(t, contentOf(t, file), message, file)
		}
	}
}

func TestNoSpansWithoutShutdown(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
	shutdown, err := spanloom.Init(t.Context())
	require.NoError(t, err)
	handler, err := callbacks.NewHandler()
	require.NoError(t, err)
	_, span := handler.Start(t.Context(), callbacks.KindWorkflow, "answer")
	span.End(nil)
	assert.Zero(t, requests.Load(), "the span waits in the queue")
	require.NoError(t, shutdown(t.Context()))
	assert.EqualValues(t, 1, requests.Load())
}

// ask is a workflow that asks a model.
func ask(ctx context.Context, h *callbacks.Handler, llm llms.Model) (string, error) {
	return chains.Workflow(ctx, h, "answer", func(ctx context.Context) (string, error) {
		return llms.GenerateFromSinglePrompt(ctx, llm, "How long is the warranty?")
	})
}

func TestHollowTree(t *testing.T) {
	llm := fake.NewFakeLLM([]string{"Two years."})
	for tree, model := range map[string]func(*callbacks.Handler) llms.Model{
		"invoke_workflow answer\n":          func(*callbacks.Handler) llms.Model { return llm },
		"invoke_workflow answer\n└─ chat\n": func(h *callbacks.Handler) llms.Model { return models.Wrap(llm, h) },
	} {
		k := spanloomtest.New(t)
		_, err := ask(t.Context(), k.Handler, model(k.Handler))
		require.NoError(t, err)
		assert.Equal(t, tree, k.Tree())
	}
}

func TestLostContext(t *testing.T) {
	k := spanloomtest.New(t)
	llm := models.Wrap(fake.NewFakeLLM([]string{"Two years."}), k.Handler)
	_, err := chains.Workflow(t.Context(), k.Handler, "answer", func(context.Context) (string, error) {
		return llms.GenerateFromSinglePrompt(context.Background(), llm, "How long is the warranty?") //nolint:contextcheck // the mistake
	})
	require.NoError(t, err)
	assert.NotContains(t, k.Tree(), "└─ chat")
	assert.Contains(t, k.Tree(), "chat")
}

func TestCostIsOnTwoAttributes(t *testing.T) {
	k := spanloomtest.New(t)
	client, err := fakeopenai.New(openai.WithModel("gpt-4o-mini"))
	require.NoError(t, err)
	_, err = ask(t.Context(), k.Handler, models.Wrap(client, k.Handler))
	require.NoError(t, err)
	sums := map[string]float64{}
	for _, span := range k.Spans() {
		for _, a := range span.Attributes() {
			if key := string(a.Key); strings.Contains(key, "cost") {
				sums[key] += a.Value.AsFloat64()
			}
		}
	}
	assert.Len(t, sums, 2)
	assert.Positive(t, sums["gen_ai.usage.cost"])
	assert.InDelta(t, sums["gen_ai.usage.cost"], sums["spanloom.cost.total"], 1e-12)
}

// failing is a client that fires no error event, as langchaingo's clients of OpenAI.
type failing struct{ handler lccallbacks.Handler }

var errModel = errors.New("API returned unexpected status code: 500")

func (f failing) GenerateContent(ctx context.Context, messages []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	if f.handler != nil {
		f.handler.HandleLLMGenerateContentStart(ctx, messages)
	}
	return nil, errModel
}

func (f failing) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, f, prompt, options...)
}

func TestHandledError(t *testing.T) {
	k := spanloomtest.New(t)
	llm := models.Wrap(failing{}, k.Handler)
	_, err := chains.Workflow(t.Context(), k.Handler, "answer", func(ctx context.Context) (string, error) {
		if _, err := llms.GenerateFromSinglePrompt(ctx, llm, "How long is the warranty?"); err != nil {
			return "Ask a person.", nil //nolint:nilerr // the error is handled
		}
		return "", nil
	})
	require.NoError(t, err)
	status := map[string]codes.Code{}
	for _, span := range k.Spans() {
		status[span.Name()] = span.Status().Code
	}
	assert.Equal(t, map[string]codes.Code{"chat": codes.Error, "invoke_workflow answer": codes.Unset}, status)
}

func TestClientWithoutErrorEvents(t *testing.T) {
	chat := func(registered bool) (code codes.Code, incomplete bool) {
		k := spanloomtest.New(t)
		var llm llms.Model = failing{handler: k.Handler}
		if !registered {
			llm = models.Wrap(failing{}, k.Handler)
		}
		_, err := llms.GenerateFromSinglePrompt(t.Context(), llm, "How long is the warranty?")
		require.ErrorIs(t, err, errModel)
		k.Handler.Flush()
		require.Len(t, k.Spans(), 1)
		for _, a := range k.Spans()[0].Attributes() {
			incomplete = incomplete || a.Key == "spanloom.incomplete"
		}
		return k.Spans()[0].Status().Code, incomplete
	}
	code, incomplete := chat(true)
	assert.Equal(t, codes.Unset, code)
	assert.True(t, incomplete)
	code, incomplete = chat(false)
	assert.Equal(t, codes.Error, code)
	assert.False(t, incomplete)
}
