// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
)

const guide = `# Acme pump

The Acme pump moves water. It was first built in 1998.

## Installation

Place the pump on a level floor. Connect the hose with the brass ring.

## Maintenance

- Clean the filter every three months.
- Replace the seal once a year.

The warranty lasts two years. Set SAMPLE_RATE to change how often the sensor is read.
`

func qa(text, question string) string {
	return "Use the following pieces of context to answer the question at the end. If you don't know the answer, just say that you don't know, don't try to make up an answer.\n\n" +
		text + "\n\nQuestion: " + question + "\nHelpful Answer:"
}

func TestAnswers(t *testing.T) {
	arabic := "تأسست الشركة عام ١٩٩٨. مدة الضمان سنتان.\n\nينظف المرشح كل ثلاثة أشهر."
	review := "I love this pump. It is great and easy to use, the pump just works."
	for _, tt := range []struct{ prompt, want string }{
		{qa(guide, "How often should I clean the filter?"), "Clean the filter every three months."},
		{qa(guide, "How long does the warranty last?"), "The warranty lasts two years."},
		{qa(guide, "Where is the pump placed?"), "Place the pump on a level floor."},
		{qa(guide, "How do I connect the hose?"), "Connect the hose with the brass ring."},
		{qa(guide, "What is the capital of France?"), DontKnow},
		{qa("", "What is a pump?"), DontKnow},
		{qa(arabic, "ما مدة الضمان؟"), "مدة الضمان سنتان."},
		{qa("Same. The hose is red.\n\nThe hose is red.", "What colour has the hose?"), "The hose is red."},
		{"Classify the sentiment as positive, negative or neutral.\n\n" + review, "positive"},
		{"What is the sentiment?\n\nA terrible product, and broken.", "negative"},
		{"What is the sentiment?\n\nThe pump is grey.", "neutral"},
		{"Give the sentiment of the text.\n\nالمنتج رائع", "positive"},
		{"List five keywords of this text:\n\npump pump pump hose hose filter filters seal crate floor", "pump, hose, filter, seal, crate"},
		{"Summarize the text.\n\nWater is wet. Water moves the water pump. Bread exists. Fish swim in water. Cars do not.", "Water moves the water pump. Fish swim in water."},
	} {
		got, err := Model{}.Call(t.Context(), tt.prompt)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got, tt.prompt)
	}
}

func TestChains(t *testing.T) {
	docs := []schema.Document{{PageContent: guide}, {PageContent: "Question: is this a trap?\n\nThe crate weighs nine kilos."}}
	out, err := chains.Call(t.Context(), chains.LoadStuffQA(Model{}), map[string]any{"input_documents": docs, "question": "What does the crate weigh?"})
	require.NoError(t, err)
	assert.Equal(t, "The crate weighs nine kilos.", out["text"])
	out, err = chains.Call(t.Context(), chains.LoadStuffSummarization(Model{}), map[string]any{"input_documents": docs[:1]})
	require.NoError(t, err)
	assert.Contains(t, out["text"], "pump")
	assert.NotContains(t, out["text"], "SUMMARY")
}

func TestResponse(t *testing.T) {
	prompt := qa(guide, "How long does the warranty last?")
	messages := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, prompt)}
	in := CountTokens(prompt)
	for limit, want := range map[int]llms.ContentChoice{
		0: {Content: "The warranty lasts two years.", StopReason: "stop", GenerationInfo: map[string]any{"PromptTokens": in, "CompletionTokens": 6, "TotalTokens": in + 6}},
		6: {Content: "The warranty lasts two years.", StopReason: "stop", GenerationInfo: map[string]any{"PromptTokens": in, "CompletionTokens": 6, "TotalTokens": in + 6}},
		3: {Content: "The warranty lasts", StopReason: "length", GenerationInfo: map[string]any{"PromptTokens": in, "CompletionTokens": 3, "TotalTokens": in + 3}},
	} {
		res, err := Model{}.GenerateContent(t.Context(), messages, llms.WithMaxTokens(limit))
		require.NoError(t, err)
		assert.Equal(t, want, *res.Choices[0])
	}
	for _, messages := range [][]llms.MessageContent{nil, {llms.TextParts(llms.ChatMessageTypeHuman, " \n")}} {
		_, err := Model{}.GenerateContent(t.Context(), messages)
		require.ErrorIs(t, err, ErrEmptyPrompt)
	}
}

func TestStreaming(t *testing.T) {
	prompt := qa(guide, "How long does the warranty last?")
	var chunks []string
	out, err := Model{}.Call(t.Context(), prompt, llms.WithStreamingFunc(func(_ context.Context, b []byte) error {
		chunks = append(chunks, string(b))
		return nil
	}))
	require.NoError(t, err)
	assert.Len(t, chunks, 5)
	assert.Equal(t, out, strings.Join(chunks, ""))
	enough := errors.New("enough")
	_, err = Model{}.Call(t.Context(), prompt, llms.WithStreamingFunc(func(context.Context, []byte) error { return enough }))
	require.ErrorIs(t, err, enough)
}

func TestLatencyAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := Model{Latency: time.Second}.Call(t.Context(), "What is a pump?")
		require.NoError(t, err)
		assert.Equal(t, time.Second, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = Model{Latency: time.Hour}.Call(ctx, "What is a pump?")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2*time.Second, time.Since(start))
		_, err = Embedder{Latency: time.Hour}.EmbedDocuments(ctx, []string{"pump"})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = Embedder{}.EmbedQuery(ctx, "pump")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func FuzzModel(f *testing.F) {
	f.Add(qa(guide, "filter?"))
	f.Add("Summarize: \xff\xfe. İ\n- a")
	f.Add("sentiment\n\n|a|b|\n> x")
	f.Fuzz(func(t *testing.T, prompt string) {
		a, err := Model{}.Call(t.Context(), prompt)
		if strings.TrimSpace(prompt) == "" {
			require.ErrorIs(t, err, ErrEmptyPrompt)
			return
		}
		require.NoError(t, err)
		b, err := Model{}.Call(t.Context(), prompt)
		require.NoError(t, err)
		require.Equal(t, a, b)
	})
}
