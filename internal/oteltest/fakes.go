// SPDX-License-Identifier: Apache-2.0

package oteltest

import (
	"context"
	"time"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

func duration(d time.Duration) string { return d.String() }

// Model is a fake llms.Model. With a handler it fires the events of a provider
// that behaves; Missing names those that it leaves out: "end", "error".
type Model struct {
	// Respond makes the answer; nil answers "ok" with 10 input and 2 output
	// tokens.
	Respond func(ctx context.Context, messages []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error)
	Latency time.Duration
	Handler lccallbacks.Handler
	Missing map[string]bool
}

// GenerateContent implements llms.Model.
func (m *Model) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	if m.Handler != nil {
		m.Handler.HandleLLMGenerateContentStart(ctx, messages)
	}
	var o llms.CallOptions
	for _, opt := range options {
		opt(&o)
	}
	Sleep(ctx, m.Latency)
	respond := m.Respond
	if respond == nil {
		respond = func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
			return Answer("ok", 10, 2), nil
		}
	}
	res, err := respond(ctx, messages, o)
	switch {
	case m.Handler == nil:
	case err != nil:
		if !m.Missing["error"] {
			m.Handler.HandleLLMError(ctx, err)
		}
	case !m.Missing["end"]:
		m.Handler.HandleLLMGenerateContentEnd(ctx, res)
	}
	return res, err
}

// Call implements llms.Model.
func (m *Model) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, m, prompt, options...)
}

// Answer is a response in the shape of OpenAI's client.
func Answer(text string, in, out int) *llms.ContentResponse {
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{
		Content: text, StopReason: "stop",
		GenerationInfo: map[string]any{"PromptTokens": in, "CompletionTokens": out, "TotalTokens": in + out},
	}}}
}

// Embedder is a fake embeddings.Embedder with two dimensions.
type Embedder struct {
	Err     error
	Latency time.Duration
}

// EmbedDocuments implements embeddings.Embedder.
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	Sleep(ctx, e.Latency)
	if e.Err != nil {
		return nil, e.Err
	}
	vectors := make([][]float32, len(texts))
	for i := range texts {
		vectors[i] = []float32{1, float32(len(texts[i]))}
	}
	return vectors, nil
}

// EmbedQuery implements embeddings.Embedder.
func (e *Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	vectors, err := e.EmbedDocuments(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	return vectors[0], nil
}

// Store is a fake vectorstores.VectorStore that returns Docs.
type Store struct {
	Docs    []schema.Document
	Err     error
	Latency time.Duration
	// Embedder is called as a real store would.
	Embedder *Embedder
	// Options are those of the last call.
	Options vectorstores.Options
}

// AddDocuments implements vectorstores.VectorStore.
func (s *Store) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	if err := s.work(ctx, options); err != nil {
		return nil, err
	}
	ids := make([]string, len(docs))
	for i := range docs {
		ids[i] = "id"
	}
	return ids, nil
}

// SimilaritySearch implements vectorstores.VectorStore.
func (s *Store) SimilaritySearch(ctx context.Context, _ string, _ int, options ...vectorstores.Option) ([]schema.Document, error) {
	if err := s.work(ctx, options); err != nil {
		return nil, err
	}
	return s.Docs, nil
}

func (s *Store) work(ctx context.Context, options []vectorstores.Option) error {
	s.Options = vectorstores.Options{}
	for _, o := range options {
		o(&s.Options)
	}
	Sleep(ctx, s.Latency)
	if s.Embedder != nil {
		if _, err := s.Embedder.EmbedQuery(ctx, "text"); err != nil {
			return err
		}
	}
	return s.Err
}

// Tool is a fake tools.Tool; Do may fail or panic.
type Tool struct {
	Called string
	Do     func(ctx context.Context, input string) (string, error)
}

// Name implements tools.Tool.
func (t *Tool) Name() string { return t.Called }

// Description implements tools.Tool.
func (t *Tool) Description() string { return "a fake" }

// Call implements tools.Tool.
func (t *Tool) Call(ctx context.Context, input string) (string, error) { return t.Do(ctx, input) }

// Sleep waits in the time of the test's synctest bubble, or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
