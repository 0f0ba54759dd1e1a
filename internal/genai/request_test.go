// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"
)

func TestAppendRequest(t *testing.T) {
	stream := func(context.Context, []byte) error { return nil }
	reason := func(context.Context, []byte, []byte) error { return nil }
	tests := []struct {
		name, reason string
		in           llms.CallOptions
		want         []attribute.KeyValue
	}{
		{"nothing set", "in options of somebody else's unset and zero cannot be told apart, so neither is reported", llms.CallOptions{}, nil},
		{"everything", "", llms.CallOptions{
			Temperature: 0.5, TopP: 0.25, TopK: 3, MaxTokens: 9, FrequencyPenalty: 1, PresencePenalty: 2, Seed: 7, N: 2,
		}, []attribute.KeyValue{
			attribute.Float64("gen_ai.request.temperature", 0.5), attribute.Float64("gen_ai.request.top_p", 0.25),
			attribute.Int("gen_ai.request.top_k", 3), attribute.Int("gen_ai.request.max_tokens", 9),
			attribute.Float64("gen_ai.request.frequency_penalty", 1), attribute.Float64("gen_ai.request.presence_penalty", 2), attribute.Int("gen_ai.request.seed", 7), attribute.Int("gen_ai.request.choice.count", 2),
		}},
		{"one choice", "the convention wants the count only if it is not 1", llms.CallOptions{N: 1, CandidateCount: 1}, nil},
		{"candidates", "Google's name for it", llms.CallOptions{CandidateCount: 3}, []attribute.KeyValue{attribute.Int("gen_ai.request.choice.count", 3)}},
		{"stream", "only if true", llms.CallOptions{StreamingFunc: stream}, []attribute.KeyValue{attribute.Bool("gen_ai.request.stream", true)}},
		{"stream of reasoning", "", llms.CallOptions{StreamingReasoningFunc: reason}, []attribute.KeyValue{attribute.Bool("gen_ai.request.stream", true)}},
		{"JSON mode", "", llms.CallOptions{JSONMode: true}, []attribute.KeyValue{attribute.String("gen_ai.output.type", "json")}},
		{"JSON type", "Google's way to ask", llms.CallOptions{ResponseMIMEType: "application/json"}, []attribute.KeyValue{attribute.String("gen_ai.output.type", "json")}},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, AppendRequest(nil, &tt.in), "%s, reason: %s", tt.name, tt.reason)
	}
	shared := make([]attribute.KeyValue, 1)
	AppendRequest(shared, &llms.CallOptions{Seed: 1})
	assert.Equal(t, attribute.KeyValue{}, shared[0], "the wrapper's attributes are shared by its calls")
}

func TestZerosThatSomebodySet(t *testing.T) {
	zeroes := []attribute.KeyValue{attribute.Float64("gen_ai.request.temperature", 0), attribute.Int("gen_ai.request.seed", 0)}
	for _, tt := range []struct {
		reason  string
		options []llms.CallOption
		want    []attribute.KeyValue
	}{
		{"nobody set one", nil, nil},
		{"a temperature of 0 is the most usual there is", []llms.CallOption{llms.WithTemperature(0), llms.WithSeed(0)}, zeroes},
		{
			"the zeros of a literal mean that nothing was set",
			[]llms.CallOption{llms.WithOptions(llms.CallOptions{MaxTokens: 9})},
			[]attribute.KeyValue{attribute.Int("gen_ai.request.max_tokens", 9)},
		},
		{"an option that looks sees zeros", []llms.CallOption{func(o *llms.CallOptions) {
			if o.Temperature == 0 && o.TopP == 0 && o.MaxTokens == 0 && o.FrequencyPenalty == 0 {
				o.TopP = 0.5
			}
		}}, []attribute.KeyValue{attribute.Float64("gen_ai.request.top_p", 0.5)}},
		{"the others", []llms.CallOption{llms.WithTopP(0), llms.WithFrequencyPenalty(0), llms.WithPresencePenalty(0)}, []attribute.KeyValue{
			attribute.Float64("gen_ai.request.top_p", 0), attribute.Float64("gen_ai.request.frequency_penalty", 0), attribute.Float64("gen_ai.request.presence_penalty", 0),
		}},
	} {
		o := &NewRequest(nil).Options
		for _, opt := range tt.options {
			opt(o)
		}
		assert.Equal(t, tt.want, AppendRequest(nil, o), tt.reason)
	}
}

func TestReadResponse(t *testing.T) {
	res := response(nil, info{"model": 7, "id": ""}, info{"model": "m-2024", "generation_id": "g"})
	res.Choices = append(res.Choices, nil)
	res.Choices[0].StopReason = "stop"
	kv, _ := ReadResponse(nil, res)
	assert.Equal(t, []attribute.KeyValue{
		attribute.StringSlice("gen_ai.response.finish_reasons", []string{"stop"}),
		attribute.String("gen_ai.response.model", "m-2024"), attribute.String("gen_ai.response.id", "g"),
	}, kv)
	kv, usage := ReadResponse(nil, nil)
	assert.Empty(t, kv)
	assert.Zero(t, usage)
}
