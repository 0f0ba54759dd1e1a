// SPDX-License-Identifier: Apache-2.0

// Package offline answers prompts and embeds texts without a key and without a
// network, so that the examples run on a fresh machine.
//
// It is no language model: an answer is made of sentences that stand in the
// prompt, picked by counting shared words. The same input gives the same output
// on every machine.
package offline

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tmc/langchaingo/llms"
)

// Names of the models in telemetry and on the screen. HighModelName is the same
// model: a program that chooses between two shows its choice by the name.
const (
	ModelName     = "offline-extractive"
	HighModelName = "offline-extractive-high"
	EmbedderName  = "offline-hash-384"
	Provider      = "offline"
)

// ErrEmptyPrompt is returned when no message holds text.
var ErrEmptyPrompt = errors.New("offline: the prompt is empty: send at least one text part that is not blank")

// Model stands in for a language model. It recognises langchaingo's prompts for
// questions and summaries, and instructions that ask for a summary, a sentiment
// or keywords. It is safe for concurrent use.
type Model struct {
	// Latency is waited for before each answer, to make timings look alive.
	Latency time.Duration
}

var _ llms.Model = Model{}

// GenerateContent answers the text parts of the messages. Of the options it
// honours MaxTokens and StreamingFunc.
func (m Model) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var opts llms.CallOptions
	for _, o := range options {
		o(&opts)
	}
	prompt := promptOf(messages)
	if prompt == "" {
		return nil, ErrEmptyPrompt
	}
	if err := wait(ctx, m.Latency); err != nil {
		return nil, err
	}
	text, reason := answer(prompt), "stop"
	if ends := token.FindAllStringIndex(text, -1); opts.MaxTokens > 0 && len(ends) > opts.MaxTokens {
		text, reason = text[:ends[opts.MaxTokens-1][1]], "length"
	}
	for chunk := range strings.SplitAfterSeq(text, " ") {
		if opts.StreamingFunc == nil {
			break
		}
		if err := errors.Join(ctx.Err(), opts.StreamingFunc(ctx, []byte(chunk))); err != nil {
			return nil, err
		}
	}
	in, out := CountTokens(prompt), CountTokens(text)
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{
		Content: text, StopReason: reason,
		GenerationInfo: map[string]any{"PromptTokens": in, "CompletionTokens": out, "TotalTokens": in + out},
	}}}, nil
}

// Call answers a single prompt.
func (m Model) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, m, prompt, options...)
}

func promptOf(messages []llms.MessageContent) string {
	var texts []string
	for _, m := range messages {
		for _, p := range m.Parts {
			if t, ok := p.(llms.TextContent); ok {
				texts = append(texts, t.Text)
			}
		}
	}
	return strings.TrimSpace(strings.Join(texts, "\n\n"))
}

func wait(ctx context.Context, d time.Duration) error {
	if ctx.Err() == nil && d > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(d):
		}
	}
	return ctx.Err()
}
