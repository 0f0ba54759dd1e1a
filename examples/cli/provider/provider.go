// SPDX-License-Identifier: Apache-2.0

// Package provider makes the model and the embedder that an example runs on.
package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
)

// Names lists the providers, the default first.
var Names = []string{offline.Provider, "openai", "anthropic", "ollama", "googleai"}

// Config says which provider and models to use. Empty model names mean the
// provider's default below.
type Config struct {
	Name           string
	Model          string
	EmbeddingModel string
	Getenv         func(string) string
	// Latency slows the offline provider down, so that tests have durations.
	Latency time.Duration
	// Transport is below the client's own; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Decorate, if not nil, gets the provider's model before it is instrumented:
	// for retries, which belong to one call.
	Decorate func(llms.Model) llms.Model
}

// Set is a provider's model and embedder, both instrumented.
type Set struct {
	Provider, Model, EmbeddingModel string
	// HighModel is a better and dearer one, for what matters more.
	HighModel string

	LLM      llms.Model
	Embedder embeddings.Embedder
	// Note tells the reader what the set is not.
	Note string
}

// New makes the model and the embedder. The error is one line that says what to
// do.
func New(c Config, h *callbacks.Handler) (*Set, error) {
	switch c.Name {
	case offline.Provider:
		return newOffline(c, h), nil
	case "openai":
		return newOpenAI(c, h)
	case "anthropic":
		return newAnthropic(c, h)
	case "ollama":
		return newOllama(c, h)
	case "googleai":
		return newGoogleAI(c, h)
	}
	return nil, fmt.Errorf("-provider %q is not known: use one of %s", c.Name, strings.Join(Names, ", "))
}

// client observes the provider's HTTP calls.
func (c Config) client() *http.Client {
	return &http.Client{Transport: models.NewTransport(c.Transport)}
}

func newOffline(c Config, h *callbacks.Handler) *Set {
	s := &Set{
		Provider: offline.Provider, Model: offline.ModelName, HighModel: offline.HighModelName, EmbeddingModel: offline.EmbedderName,
		Note: "provider offline: answers are sentences picked from the documents, not written by a language model",
	}
	s.LLM = models.Wrap(c.decorated(offline.Model{Latency: c.Latency}), h, models.WithProvider(s.Provider), models.WithModel(s.Model))
	s.Embedder = offlineEmbedder(c, h)
	return s
}

func offlineEmbedder(c Config, h *callbacks.Handler) embeddings.Embedder {
	return retrieval.WrapEmbedder(offline.Embedder{Latency: c.Latency}, h,
		retrieval.WithProvider(offline.Provider), retrieval.WithModel(offline.EmbedderName))
}

func newOpenAI(c Config, h *callbacks.Handler) (*Set, error) {
	key, err := c.key("OPENAI_API_KEY")
	if err != nil {
		return nil, err
	}
	s := &Set{Provider: "openai", Model: or(c.Model, "gpt-4o-mini"), HighModel: "gpt-4o", EmbeddingModel: or(c.EmbeddingModel, "text-embedding-3-small")}
	llm, err := openai.New(openai.WithToken(key), openai.WithModel(s.Model), openai.WithEmbeddingModel(s.EmbeddingModel), openai.WithHTTPClient(c.client()))
	if err != nil {
		return nil, fmt.Errorf("-provider openai: %w", err)
	}
	return s.with(c, llm, llm, h)
}

func newAnthropic(c Config, h *callbacks.Handler) (*Set, error) {
	key, err := c.key("ANTHROPIC_API_KEY")
	if err != nil {
		return nil, err
	}
	s := &Set{
		Provider: "anthropic", Model: or(c.Model, "claude-3-5-haiku-latest"), HighModel: "claude-sonnet-4-5", EmbeddingModel: offline.EmbedderName,
		Note: "anthropic has no embeddings: the documents are found by the offline embedder",
	}
	llm, err := anthropic.New(anthropic.WithToken(key), anthropic.WithModel(s.Model), anthropic.WithHTTPClient(c.client()))
	if err != nil {
		return nil, fmt.Errorf("-provider anthropic: %w", err)
	}
	s.LLM, s.Embedder = models.Wrap(c.decorated(llm), h), offlineEmbedder(c, h)
	return s, nil
}

func newOllama(c Config, h *callbacks.Handler) (*Set, error) {
	s := &Set{Provider: "ollama", Model: or(c.Model, "llama3.2"), HighModel: or(c.Model, "llama3.2"), EmbeddingModel: or(c.EmbeddingModel, "nomic-embed-text")}
	llm, err := ollama.New(ollama.WithModel(s.Model), ollama.WithHTTPClient(c.client()))
	if err != nil {
		return nil, fmt.Errorf("-provider ollama: %w", err)
	}
	emb, err := ollama.New(ollama.WithModel(s.EmbeddingModel), ollama.WithHTTPClient(c.client()))
	if err != nil {
		return nil, fmt.Errorf("-provider ollama: %w", err)
	}
	return s.with(c, llm, emb, h)
}

// Gemini is asked at its OpenAI-compatible address: langchaingo's client for it
// would bring Google's SDK along.
const (
	geminiURL      = "https://generativelanguage.googleapis.com/v1beta/openai"
	geminiProvider = "gcp.gemini"
)

func newGoogleAI(c Config, h *callbacks.Handler) (*Set, error) {
	key, err := c.key("GOOGLE_API_KEY")
	if err != nil {
		return nil, err
	}
	s := &Set{Provider: "googleai", Model: or(c.Model, "gemini-2.0-flash"), HighModel: "gemini-2.5-pro", EmbeddingModel: or(c.EmbeddingModel, "gemini-embedding-001")}
	llm, err := openai.New(openai.WithToken(key), openai.WithBaseURL(geminiURL), openai.WithModel(s.Model), openai.WithEmbeddingModel(s.EmbeddingModel), openai.WithHTTPClient(c.client()))
	if err != nil {
		return nil, fmt.Errorf("-provider googleai: %w", err)
	}
	e, err := embeddings.NewEmbedder(llm)
	if err != nil {
		return nil, fmt.Errorf("-provider googleai: %w", err)
	}
	s.LLM = models.Wrap(c.decorated(llm), h, models.WithProvider(geminiProvider))
	s.Embedder = retrieval.WrapEmbedder(e, h, retrieval.WithProvider(geminiProvider))
	return s, nil
}

// with completes the set from langchaingo's clients.
func (s *Set) with(c Config, llm llms.Model, client embeddings.EmbedderClient, h *callbacks.Handler) (*Set, error) {
	e, err := embeddings.NewEmbedder(client)
	if err != nil {
		return nil, fmt.Errorf("-provider %s: %w", s.Provider, err)
	}
	s.LLM, s.Embedder = models.Wrap(c.decorated(llm), h), retrieval.WrapEmbedder(e, h)
	return s, nil
}

func (c Config) decorated(m llms.Model) llms.Model {
	if c.Decorate == nil {
		return m
	}
	return c.Decorate(m)
}

func (c Config) key(name string) (string, error) {
	if k := c.Getenv(name); k != "" {
		return k, nil
	}
	return "", fmt.Errorf("-provider %s needs the environment variable %s; without a key use -provider %s", c.Name, name, offline.Provider)
}

// Known reports whether the provider exists.
func Known(name string) bool { return slices.Contains(Names, name) }

func or(v, def string) string {
	if v == "" {
		return def
	}
	return v
}
