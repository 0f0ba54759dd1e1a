// SPDX-License-Identifier: Apache-2.0

// Package offline answers prompts and embeds texts without a key and without a
// network, so that the examples run on a fresh machine.
//
// It is NOT a language model. It quotes: an answer is made of sentences that
// stand in the prompt, picked by counting shared words. It invents nothing and
// understands nothing. Same input, same output, on every machine.
package offline

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tmc/langchaingo/llms"
)

// Names under which the stand-ins appear in telemetry and on the screen.
const (
	ModelName = "offline-extractive"
	// HighModelName is the same model. A program that chooses between two shows
	// its choice by the name.
	HighModelName = "offline-extractive-high"
	EmbedderName  = "offline-hash-384"
	Provider      = "offline"
)

// DontKnow is the answer when no sentence of the context fits the question.
const DontKnow = "I don't know: the documents do not say."

// ErrEmptyPrompt is returned when no message holds any text. Parts other than
// text (images, tool calls) are not read.
var ErrEmptyPrompt = errors.New("offline: the prompt is empty: send at least one text part that is not blank")

// Model is an extractive stand-in for a language model. The zero value is ready
// and safe for concurrent use.
//
// It recognises langchaingo's question-answering, condense-question and
// summarisation prompts, and plain instructions that ask for a summary, a
// sentiment or keywords.
type Model struct {
	// Latency is waited for before each answer, to make timings look alive.
	Latency time.Duration
}

var _ llms.Model = Model{}

// GenerateContent answers the prompt made of all text parts of messages. Of the
// call options it honours MaxTokens, StopWords and StreamingFunc.
//
// The token counts in GenerationInfo are those of [CountTokens].
func (m Model) GenerateContent(
	ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption,
) (*llms.ContentResponse, error) {
	var opts llms.CallOptions
	for _, o := range options {
		o(&opts)
	}
	texts := textParts(messages)
	if len(texts) == 0 {
		return nil, ErrEmptyPrompt
	}
	if err := wait(ctx, m.Latency); err != nil {
		return nil, err
	}

	content, reason := limit(answer(texts), opts.StopWords, opts.MaxTokens)
	if opts.StreamingFunc != nil {
		for chunk := range strings.SplitAfterSeq(content, " ") {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if chunk == "" {
				continue
			}
			if err := opts.StreamingFunc(ctx, []byte(chunk)); err != nil {
				return nil, err
			}
		}
	}

	in, out := CountTokens(strings.Join(texts, "\n\n")), CountTokens(content)
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{
		Content:    content,
		StopReason: reason,
		GenerationInfo: map[string]any{
			"PromptTokens":     in,
			"CompletionTokens": out,
			"TotalTokens":      in + out,
		},
	}}}, nil
}

// Call answers a single prompt.
func (m Model) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, m, prompt, options...)
}

// textParts gives one string a message; blank messages are left out.
func textParts(messages []llms.MessageContent) []string {
	var out []string
	for _, msg := range messages {
		var parts []string
		for _, p := range msg.Parts {
			if t, ok := p.(llms.TextContent); ok {
				parts = append(parts, t.Text)
			}
		}
		if s := strings.Join(parts, "\n"); strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}

// limit applies the stop words before the token limit, as servers do: text
// after a stop word must not count as "cut".
func limit(s string, stops []string, maxTokens int) (content, reason string) {
	for _, w := range stops {
		if i := strings.Index(s, w); w != "" && i >= 0 {
			s = strings.TrimSpace(s[:i])
		}
	}
	if maxTokens <= 0 {
		return s, "stop"
	}
	if t := tokens(s); len(t) > maxTokens {
		return s[:t[maxTokens-1].end], "length"
	}
	return s, "stop"
}

func wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
