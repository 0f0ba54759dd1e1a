// SPDX-License-Identifier: Apache-2.0

//go:build integration

package browser

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/traceview"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// The documents of a shop that the pictures show.
var documents = []schema.Document{
	{PageContent: "Kettles have a warranty of three years from the day of delivery. Scale in the kettle is not covered.", Metadata: map[string]any{"source": "warranty.md"}},
	{PageContent: "Orders can be changed or cancelled until they are packed. After that, send the parcel back within 30 days.", Metadata: map[string]any{"source": "orders.md"}},
	{PageContent: "Delivery takes two days within the country, and five abroad. The parcel's number arrives by e-mail.", Metadata: map[string]any{"source": "delivery.md"}},
	{PageContent: "تشمل الضمانة الغلايات لمدة ثلاث سنوات من تاريخ التسليم.", Metadata: map[string]any{"source": "warranty.ar.md"}},
}

// step is what the scripted model does in one call.
type step struct {
	took    time.Duration
	in, out int
	answer  llms.ContentChoice
	err     error
}

// scripted is a model that follows a script.
type scripted struct{ steps []step }

func (m *scripted) GenerateContent(context.Context, []llms.MessageContent, ...llms.CallOption) (*llms.ContentResponse, error) {
	s := m.steps[0]
	m.steps = m.steps[1:]
	time.Sleep(s.took)
	if s.err != nil {
		return nil, s.err
	}
	s.answer.GenerationInfo = map[string]any{"PromptTokens": s.in, "CompletionTokens": s.out}
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{&s.answer}}, nil
}

func (m *scripted) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, m, prompt, options...)
}

// slow is an embedder that takes its time.
type slow struct{ embeddings.Embedder }

func (e slow) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	time.Sleep(90 * time.Millisecond)
	return e.Embedder.EmbedQuery(ctx, text)
}

// orders is a tool that knows an order.
type orders struct{}

func (orders) Name() string        { return "order_status" }
func (orders) Description() string { return "the state of an order" }
func (orders) Call(context.Context, string) (string, error) {
	time.Sleep(240 * time.Millisecond)
	return `{"order":"A-1042","item":"kettle","delivered":"2026-11-02"}`, nil
}

// shop answers questions from documents and orders.
type shop struct {
	handler *callbacks.Handler
	docs    schema.Retriever
	tool    lctools.Tool
}

func newShop(t *testing.T, p sdktrace.SpanProcessor) *shop {
	t.Helper()
	h, err := callbacks.NewHandler(
		callbacks.WithContent(privacy.Verbatim),
		callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))))
	require.NoError(t, err)
	store, err := chromem.New(chromem.WithCollection("docs"), chromem.WithEmbedder(
		retrieval.WrapEmbedder(slow{offline.Embedder{}}, h, retrieval.WithProvider("openai"), retrieval.WithModel("text-embedding-3-small"))))
	require.NoError(t, err)
	x, err := index.New(h, index.WithStore(store), index.WithTopK(2))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), index.LoaderFunc(func(context.Context) iter.Seq2[schema.Document, error] {
		return func(yield func(schema.Document, error) bool) {
			for _, d := range documents {
				if !yield(d, nil) {
					return
				}
			}
		}
	}))
	require.NoError(t, err)
	return &shop{handler: h, docs: x.Retriever(), tool: agents.WrapTool(orders{}, h)}
}

// ask runs a workflow: a search, and a model that may call the tool once.
func (s *shop) ask(ctx context.Context, session, question string, steps ...step) error {
	ctx = callbacks.ContextWithAssociation(ctx, attribute.String("session.id", session))
	model := models.Retry(models.Wrap(&scripted{steps}, s.handler, models.WithProvider("openai"), models.WithModel("gpt-4o-mini")))
	ctx, flow := s.handler.Start(ctx, callbacks.KindWorkflow, "support")
	flow.SetInput(question)
	answer, err := s.answer(ctx, model, question)
	flow.SetOutput(answer)
	flow.End(err)
	return err
}

func (s *shop) answer(ctx context.Context, model llms.Model, question string) (string, error) {
	found, err := s.docs.GetRelevantDocuments(ctx, question)
	if err != nil {
		return "", err
	}
	system := "Answer in one or two sentences, from these documents:"
	for _, d := range found {
		system += "\n- " + d.PageContent
	}
	chat := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeSystem, system), llms.TextParts(llms.ChatMessageTypeHuman, question)}
	for {
		out, err := model.GenerateContent(ctx, chat, llms.WithTemperature(0.2), llms.WithMaxTokens(300))
		if err != nil {
			return "", err
		}
		choice := out.Choices[0]
		if len(choice.ToolCalls) == 0 {
			return choice.Content, nil
		}
		call := choice.ToolCalls[0]
		result, err := s.tool.Call(ctx, call.FunctionCall.Arguments)
		if err != nil {
			return "", err
		}
		chat = append(chat,
			llms.MessageContent{Role: llms.ChatMessageTypeAI, Parts: []llms.ContentPart{call}},
			llms.MessageContent{Role: llms.ChatMessageTypeTool, Parts: []llms.ContentPart{llms.ToolCallResponse{ToolCallID: call.ID, Name: call.FunctionCall.Name, Content: result}}})
	}
}

func text(took time.Duration, in, out int, content string) step {
	return step{took: took, in: in, out: out, answer: llms.ContentChoice{Content: content, StopReason: "stop"}}
}

// sample records traces as a program makes them, at made-up times of a made-up day.
func sample(t *testing.T) *traceview.Recorder {
	t.Helper()
	r := traceview.NewRecorder()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 20, 9, 41, 0, 0, time.UTC)))
		s := newShop(t, r)
		overloaded := step{took: 800 * time.Millisecond, err: errors.New("API returned unexpected status code: 429: rate limit reached")}
		time.Sleep(40 * time.Second)
		require.NoError(t, s.ask(t.Context(), "nadia", "Can I still cancel my order?",
			text(1100*time.Millisecond, 201, 31, "Yes, until it is packed. After that, send the parcel back within 30 days.")))
		time.Sleep(8 * time.Second)
		require.NoError(t, s.ask(t.Context(), "amal", "ما هي مدة ضمان الغلاية؟",
			text(1350*time.Millisecond, 230, 40, "مدة ضمان الغلاية ثلاث سنوات من تاريخ التسليم، ولا يشمل الضمان الترسبات الكلسية.")))
		time.Sleep(3 * time.Second)
		require.Error(t, s.ask(t.Context(), "otto", "Where is my parcel?", overloaded, overloaded, overloaded, overloaded, overloaded))
		time.Sleep(21 * time.Second)
		require.NoError(t, s.ask(t.Context(), "nadia", "My kettle from order A-1042 leaks. Is it still under warranty?",
			overloaded,
			step{took: 820 * time.Millisecond, in: 214, out: 19, answer: llms.ContentChoice{StopReason: "tool_calls", ToolCalls: []llms.ToolCall{
				{ID: "call_7f3a", Type: "function", FunctionCall: &llms.FunctionCall{Name: "order_status", Arguments: `{"order":"A-1042"}`}},
			}}},
			text(1480*time.Millisecond, 268, 47, "Yes. Your kettle was delivered on 2 November 2026, and the warranty runs for three years from that day, until 2 November 2029. A leak is covered; scale would not be.")))
	})
	return r
}
