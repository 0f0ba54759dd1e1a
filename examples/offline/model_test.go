// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"context"
	"errors"
	"strings"
	"sync"
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

Place the pump on a level floor, e.g. on concrete. Connect the hose with the [brass ring](ring.md). Run this command to install the driver:

` + "```sh\nacme install driver\n```" + `

## Maintenance

- Clean the **filter** every three months.
- Replace the seal once a year.

The warranty lasts two years. Set ` + "`SAMPLE_RATE`" + ` to change how often the sensor is read.
`

func qa(text, question string) string {
	return "Use the following pieces of context to answer the question at the end. If you don't know the answer, just say that you don't know, don't try to make up an answer.\n\n" +
		text + "\n\nQuestion: " + question + "\nHelpful Answer:"
}

func ask1(t *testing.T, prompt string) string {
	t.Helper()
	out, err := Model{}.Call(t.Context(), prompt)
	require.NoError(t, err)
	return out
}

func TestAnswers(t *testing.T) {
	for _, tt := range []struct{ question, want string }{
		{"How often should I clean the filter?", "Clean the filter every three months."},
		{"How long does the warranty last?", "The warranty lasts two years."},
		{"Where is the pump placed?", "Place the pump on a level floor, e.g. on concrete."},
		{"How do I connect the hose?", "Connect the hose with the brass ring."},
		{"What sets the sample rate?", "Set `SAMPLE_RATE` to change how often the sensor is read."},
		{"How is the driver installed?", "Run this command to install the driver:\n```sh\nacme install driver\n```"},
		{"What is the capital of France?", DontKnow},
		{"Which pump song do penguins sing in Antarctica?", DontKnow},
	} {
		t.Run(tt.question, func(t *testing.T) {
			assert.Equal(t, tt.want, ask1(t, qa(guide, tt.question)))
		})
	}
}

func TestAnswersArabic(t *testing.T) {
	text := "تأسست الشركة عام ١٩٩٨. هل تبيع المضخات؟ نعم. مدة الضمان سنتان.\n\nيُنظَّف المرشح كل ثلاثة أشهر."
	assert.Equal(t, "مدة الضمان سنتان.", ask1(t, qa(text, "ما مدة الضمان؟")))
	assert.Equal(t, "يُنظَّف المرشح كل ثلاثة أشهر.", ask1(t, qa(text, "متى ينظف المرشح؟")))
	assert.Equal(t, "هل تبيع المضخات؟", ask1(t, qa(text, "مضخات")))
	assert.Equal(t, DontKnow, ask1(t, qa(text, "ما عاصمة فرنسا؟")))
}

func TestAnswersChinese(t *testing.T) {
	assert.Equal(t, "保修期为两年。", ask1(t, qa("水泵用于抽水。保修期为两年。", "保修期多久？")))
}

func TestAnswerIsShort(t *testing.T) {
	text := strings.Repeat("word filter ", 300)
	got := ask1(t, qa(text, "filter?"))
	assert.LessOrEqual(t, len([]rune(got)), maxRunes+1)
	assert.True(t, strings.HasSuffix(got, "…"))

	long := "Filter:\n\n```go\n" + strings.Repeat("filter()\n", 200) + "```\n"
	got = ask1(t, qa(long, "filter?"))
	assert.LessOrEqual(t, len([]rune(got)), maxRunes+20)
	assert.Zero(t, strings.Count(got, "```")%2)
}

func TestUnclosedFenceSwallowsNothing(t *testing.T) {
	got := ask1(t, qa("Start.\n\n```go\nx := 1\n\nThe warranty lasts two years.", "How long is the warranty?"))
	assert.Contains(t, got, "The warranty lasts two years.")
}

func TestListAfterColon(t *testing.T) {
	text := "Three colours exist:\n\n- red\n- green\n- blue\n\nNothing else is sold."
	assert.Equal(t, "Three colours exist:\n- red\n- green\n- blue", ask1(t, qa(text, "Which colours exist?")))
}

func TestOverlappingChunksAreQuotedOnce(t *testing.T) {
	s := "The warranty lasts two years."
	assert.Equal(t, s, ask1(t, qa(s+"\n\n"+s, "How long does the warranty last?")))
}

func TestLangchainChains(t *testing.T) {
	docs := []schema.Document{{PageContent: guide}, {PageContent: "Question: is this a trap?\n\nThe crate weighs nine kilos."}}
	in := map[string]any{"input_documents": docs, "question": "What does the crate weigh?"}
	for name, c := range map[string]chains.Chain{
		"stuff":      chains.LoadStuffQA(Model{}),
		"map reduce": chains.LoadMapReduceQA(Model{}),
		"refine":     chains.LoadRefineQA(Model{}),
	} {
		out, err := chains.Call(t.Context(), c, in)
		require.NoError(t, err, name)
		assert.Equal(t, "The crate weighs nine kilos.", out["text"], name)
	}

	out, err := chains.Call(t.Context(), chains.LoadStuffSummarization(Model{}), map[string]any{"input_documents": docs[:1]})
	require.NoError(t, err)
	assert.Contains(t, out["text"], "pump")
	assert.NotContains(t, out["text"], "summary")

	out, err = chains.Call(t.Context(), chains.LoadCondenseQuestionGenerator(Model{}),
		map[string]any{"chat_history": "Human: hi", "question": "And the seal?"})
	require.NoError(t, err)
	assert.Equal(t, "And the seal?", out["text"])
}

func TestTasks(t *testing.T) {
	review := "I love this pump. It is great and easy to use, the pump just works."
	for _, tt := range []struct{ name, prompt, want string }{
		{"positive", "Classify the sentiment as positive, negative or neutral.\n\nText: " + review, "positive"},
		{"labels on their own line", "What is the sentiment?\nAnswer positive, negative or neutral.\n\nThe hose broke, a terrible product.", "negative"},
		{"negation", "Sentiment of this review: the pump is not good", "negative"},
		{"neutral", "Sentiment: the pump is grey", "neutral"},
		{"arabic", "Give the sentiment of the text.\n\nالمنتج رائع وسهل", "positive"},
		{"keywords", "List five keywords of this text:\n\npump pump pump hose hose filter seals seal crate floor", "pump, hose, seals, filter, crate"},
		{"instruction at the end", "pump pump pump hose hose filter seal crate\n\nGive five keywords for the text above.", "pump, hose, filter, seal, crate"},
		{"summary", "Summarize: Water is wet. Water moves the water pump. Bread exists. Fish swim in water. Cars do not.", "Water is wet. Water moves the water pump. Fish swim in water."},
		{"question about a task word", qa("The sentiment option is off by default.", "Is the sentiment option on?"), "The sentiment option is off by default."},
		{"plain question", "The pump is blue. The hose is red.\n\nWhat colour has the hose?", "The hose is red."},
		{"question alone", "What is a pump?", DontKnow},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, ask1(t, tt.prompt)) })
	}

	resp, err := Model{}.GenerateContent(t.Context(), []llms.MessageContent{
		llms.TextParts(llms.ChatMessageTypeSystem, "You tell the sentiment: positive, negative or neutral."),
		llms.TextParts(llms.ChatMessageTypeHuman, review),
	})
	require.NoError(t, err)
	assert.Equal(t, "positive", resp.Choices[0].Content)
}

func TestResponse(t *testing.T) {
	prompt := qa(guide, "How long does the warranty last?")
	msgs := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, prompt)}
	resp, err := Model{}.GenerateContent(t.Context(), msgs)
	require.NoError(t, err)
	require.Len(t, resp.Choices, 1)
	c := resp.Choices[0]
	assert.Equal(t, "stop", c.StopReason)
	in := CountTokens(prompt)
	assert.Equal(t, map[string]any{"PromptTokens": in, "CompletionTokens": 6, "TotalTokens": in + 6}, c.GenerationInfo)

	resp, err = Model{}.GenerateContent(t.Context(), msgs, llms.WithMaxTokens(3))
	require.NoError(t, err)
	assert.Equal(t, "The warranty lasts", resp.Choices[0].Content)
	assert.Equal(t, "length", resp.Choices[0].StopReason)
	assert.Equal(t, 3, resp.Choices[0].GenerationInfo["CompletionTokens"])

	resp, err = Model{}.GenerateContent(t.Context(), msgs, llms.WithMaxTokens(6), llms.WithStopWords([]string{"", "years", "two"}))
	require.NoError(t, err)
	assert.Equal(t, "The warranty lasts", resp.Choices[0].Content)
	assert.Equal(t, "stop", resp.Choices[0].StopReason)
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
	assert.Same(t, enough, err)

	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err = Model{}.Call(ctx, prompt, llms.WithStreamingFunc(func(context.Context, []byte) error {
		calls++
		cancel()
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, calls)
}

func TestEmptyPrompt(t *testing.T) {
	for _, msgs := range [][]llms.MessageContent{
		nil,
		{llms.TextParts(llms.ChatMessageTypeHuman, "  \n")},
		{{Role: llms.ChatMessageTypeHuman, Parts: []llms.ContentPart{llms.ImageURLPart("http://localhost/x.png")}}},
	} {
		_, err := Model{}.GenerateContent(t.Context(), msgs)
		require.ErrorIs(t, err, ErrEmptyPrompt)
	}
}

func TestLatencyAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := Model{Latency: time.Second}.Call(t.Context(), "What is a pump?")
		require.NoError(t, err)
		assert.Equal(t, time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = Model{Latency: time.Hour}.Call(ctx, "What is a pump?")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))

		_, err = Model{}.Call(ctx, "What is a pump?")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = Embedder{}.EmbedQuery(ctx, "pump")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = Embedder{Latency: time.Hour}.EmbedDocuments(ctx, []string{"pump"})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestDeterministicUnderConcurrency(t *testing.T) {
	prompt := qa(guide, "How do I install and maintain the pump, its filter and its seal?")
	want := ask1(t, prompt)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				got, err := Model{}.Call(t.Context(), prompt)
				assert.NoError(t, err)
				assert.Equal(t, want, got)
			}
		})
	}
	wg.Wait()
}

func FuzzModel(f *testing.F) {
	f.Add(qa(guide, "filter?"))
	f.Add("Summarize: \xff\xfe. İ ```\n~~~")
	f.Add("sentiment\n\n|a|b|\n> ```x\n> y\n> ```")
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
