// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore"
)

// encodings are ways in which servers and programs quote a text in an error.
var encodings = map[string]func(string) string{
	"as it is":       func(s string) string { return s },
	"Go":             strconv.Quote,
	"ASCII":          strconv.QuoteToASCII,
	"JSON":           asJSONText,
	"JSON in JSON":   func(s string) string { return asJSONText(asJSONText(s)) },
	"query":          url.QueryEscape,
	"path":           url.PathEscape,
	"double percent": func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"HTML":           html.EscapeString,
	"HTML numbers":   func(s string) string { return eachRune(s, "&#%d;") },
	"octal":          func(s string) string { return eachByte(s, `\%03o`) },
	"hex escapes":    func(s string) string { return eachByte(s, `\x%02x`) },
	"UTF-16":         func(s string) string { return eachUnit(s, `\u%04x`) },
	"hex":            func(s string) string { return hex.EncodeToString([]byte(s)) },
	"base64":         func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"quoted-printable": func(s string) string {
		var b strings.Builder
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
		return b.String()
	},
	"upper case":      strings.ToUpper,
	"hyphens":         func(s string) string { return strings.Join(strings.Fields(s), "-") },
	"a word a line":   func(s string) string { return strings.Join(strings.Fields(s), "\n") },
	"without blanks":  func(s string) string { return strings.Join(strings.Fields(s), "") },
	"the second half": func(s string) string { return s[len(s)/2:] },
	"backwards": func(s string) string {
		r := []rune(s)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r)
	},
}

func asJSONText(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func eachRune(s, format string) (out string) {
	for _, r := range s {
		out += fmt.Sprintf(format, r)
	}
	return out
}

func eachByte(s, format string) (out string) {
	for i := range len(s) {
		out += fmt.Sprintf(format, s[i])
	}
	return out
}

func eachUnit(s, format string) (out string) {
	for _, u := range utf16.Encode([]rune(s)) {
		out += fmt.Sprintf(format, u)
	}
	return out
}

const quotedText = "Frau Jürgens, Konto 4111 1111 1111 1111, ask jane.doe@example.com about cancer"

// failing fails in every role, and says text.
type failing struct{ text string }

func (f failing) err() error { return errors.New("refused: " + f.text) }

func (f failing) GenerateContent(ctx context.Context, _ []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var o llms.CallOptions
	for _, opt := range options {
		opt(&o)
	}
	if o.StreamingFunc != nil {
		_ = o.StreamingFunc(ctx, []byte(f.text))
	}
	return oteltest.Answer(f.text, 3, 4), f.err() // a result together with an error
}

func (f failing) Call(context.Context, string, ...llms.CallOption) (string, error) {
	return "", f.err()
}

func (f failing) AddDocuments(context.Context, []schema.Document, ...vectorstores.Option) ([]string, error) {
	return nil, f.err()
}

func (f failing) SimilaritySearch(context.Context, string, int, ...vectorstores.Option) ([]schema.Document, error) {
	return nil, f.err()
}

func (f failing) EmbedDocuments(context.Context, []string) ([][]float32, error) { return nil, f.err() }

func (f failing) EmbedQuery(context.Context, string) ([]float32, error) { return nil, f.err() }

func (f failing) CreateEmbedding(context.Context, []string) ([][]float32, error) { return nil, f.err() }

// everyFailure lets each wrapper and each event meet an error that says text.
func everyFailure(t *testing.T, h *callbacks.Handler, text string) {
	ctx, f := t.Context(), failing{text}
	ask := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, quotedText)}
	stream := llms.WithStreamingFunc(func(context.Context, []byte) error { return nil })
	m := models.Wrap(models.Retry(f, models.WithMaxAttempts(2)), h)
	_, err := m.GenerateContent(ctx, ask, stream, llms.WithStopWords([]string{text}))
	require.Error(t, err)
	_, _ = m.Call(ctx, quotedText)
	store := vectorstore.Wrap(f, h, vectorstore.WithCollection("docs"))
	_, _ = store.AddDocuments(ctx, []schema.Document{{PageContent: quotedText}}, vectorstores.WithNameSpace("tenant"))
	_, _ = retrieval.Wrap(vectorstores.ToRetriever(store, 1), h).GetRelevantDocuments(ctx, quotedText)
	many := make([]string, 600)
	for i := range many {
		many[i] = quotedText
	}
	_, _ = retrieval.WrapEmbedder(f, h).EmbedDocuments(ctx, many)
	_, _ = retrieval.WrapEmbedder(f, h).EmbedQuery(ctx, quotedText)
	client, err := embeddings.NewEmbedder(retrieval.WrapEmbedderClient(f, h))
	require.NoError(t, err)
	_, _ = client.EmbedQuery(ctx, quotedText)
	idx, err := index.New(h, index.WithStore(store), index.WithLLM(m))
	require.NoError(t, err)
	_, err = idx.Query(ctx, quotedText)
	require.Error(t, err)

	prompt := prompts.NewPromptTemplate("{{.q}}", []string{"q"})
	chain := chains.Instrument(lcchains.NewLLMChain(f, prompt), h)
	_, err = chains.Workflow(ctx, h, "flow", func(ctx context.Context) (string, error) {
		return chains.Task(ctx, h, "task", func(ctx context.Context) (string, error) {
			_, err := chains.Call(ctx, chain, map[string]any{"q": quotedText})
			return "", fmt.Errorf("%s: %w", text, err)
		})
	})
	require.Error(t, err)
	tool := &oteltest.Tool{Called: "lookup", Do: func(context.Context, string) (string, error) { return "", f.err() }}
	says := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return oteltest.Answer("Thought: look\nAction: lookup\nAction Input: "+quotedText, 3, 4), nil
	}}
	executor := lcagents.NewExecutor(lcagents.NewOneShotAgent(says, []lctools.Tool{tool}))
	_, _ = lcchains.Run(ctx, agents.Instrument(executor, h), quotedText)
	func() {
		defer func() { _ = recover() }()
		_, _ = models.Wrap(&oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
			panic(text)
		}}, h).GenerateContent(ctx, ask)
	}()

	// By events alone.
	events := &lcchains.LLMChain{
		Prompt: prompt, LLM: &oteltest.Model{Handler: h, Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
			return nil, f.err()
		}}, Memory: memory.NewSimple(), CallbacksHandler: h, OutputKey: "text",
	}
	_, _ = lcchains.Call(ctx, events, map[string]any{"q": quotedText})
	h.HandleToolStart(ctx, quotedText)
	h.HandleToolError(ctx, f.err())
	h.HandleRetrieverStart(ctx, quotedText)
	h.HandleChainStart(ctx, map[string]any{"q": quotedText})
	h.HandleChainError(ctx, f.err())
	h.Flush()
}

// With content off, what an error says changes nothing: all that leaves the
// process is the same, byte by byte, whatever the text and however it is encoded.
func TestErrorTextsNeverShow(t *testing.T) {
	emitted := func(policy privacy.Policy, text string) (out string) {
		synctest.Test(t, func(t *testing.T) {
			k := oteltest.New(t, callbacks.WithContent(policy))
			everyFailure(t, k.Handler, text)
			time.Sleep(time.Second)
			out = k.Emitted(t)
		})
		return out
	}
	spans := func(emitted string) string {
		before, _, found := strings.Cut(emitted, "\nmetrics ")
		require.True(t, found)
		return before
	}
	want := spans(emitted(privacy.None, "x"))
	assert.Contains(t, want, "invoke_agent")
	assert.GreaterOrEqual(t, len(encodings), 20)
	for name, encode := range encodings {
		text := encode(quotedText)
		off := emitted(privacy.None, text)
		assert.Equal(t, want, spans(off), name)
		for at := 0; at+12 <= len(text); at += 12 {
			assert.NotContains(t, off, text[at:at+12], "%s: metrics", name)
		}
		for _, policy := range []privacy.Policy{privacy.Redact, privacy.Hash} {
			got := emitted(policy, text)
			assert.NotContains(t, got, "jane.doe@example.com", name)
			assert.NotContains(t, got, "4111 1111 1111 1111", name)
		}
	}
	assert.Contains(t, emitted(privacy.Verbatim, quotedText), quotedText, "the search finds what is there")
}
