// SPDX-License-Identifier: Apache-2.0

// Package genai turns langchaingo's values into attributes and numbers of the
// GenAI conventions: targets, requests, usage, finish reasons, error types. It
// knows of no spans. Package providers declares what differs between providers.
package genai

import (
	"context"
	"math"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// unsetSeed stands for a seed that no option set.
const unsetSeed = -0x5EED_5EED

// negativeZero stands for a number that no option set. It is equal to 0.
var negativeZero = math.Copysign(0, -1)

// Request is one call of a model.
type Request struct {
	// Options are the resolved options of the call.
	Options llms.CallOptions
	// Messages are here so that their address can be passed on. A slice in an
	// interface allocates.
	Messages []llms.MessageContent
}

// NewRequest returns a request to apply a call's options to. [AppendRequest] can
// tell a 0 that one of them set from one that none set. The options cannot.
func NewRequest(messages []llms.MessageContent) *Request {
	r := &Request{Messages: messages}
	o := &r.Options
	o.Temperature, o.TopP, o.FrequencyPenalty, o.PresencePenalty = negativeZero, negativeZero, negativeZero, negativeZero
	o.RepetitionPenalty, o.Seed = negativeZero, unsetSeed
	return r
}

// zerosAreSet reports whether a zero in o was set by an option. llms.WithOptions
// replaces all fields, and zeros in it are those of a struct literal. That single
// options set all of these fields is less likely.
func zerosAreSet(o *llms.CallOptions) bool {
	return isUnset(o.RepetitionPenalty) || isUnset(o.FrequencyPenalty) || isUnset(o.PresencePenalty) || isUnset(o.TopP) || isUnset(o.Temperature)
}

func isUnset(f float64) bool { return f == 0 && math.Signbit(f) }

// AppendRequest appends the request attributes of the options, without the model.
// A zero is reported only in options from [NewRequest], if an option set it.
func AppendRequest(kv []attribute.KeyValue, o *llms.CallOptions) []attribute.KeyValue {
	zeros := zerosAreSet(o)
	isSet := func(f float64) bool { return f != 0 || zeros && !isUnset(f) }
	if isSet(o.Temperature) {
		kv = semconv.AppendFloat(kv, semconv.RequestTemperature, o.Temperature)
	}
	if isSet(o.TopP) {
		kv = semconv.AppendFloat(kv, semconv.RequestTopP, o.TopP)
	}
	if o.TopK != 0 {
		kv = semconv.AppendInt(kv, semconv.RequestTopK, o.TopK)
	}
	if o.MaxTokens != 0 {
		kv = semconv.AppendInt(kv, semconv.RequestMaxTokens, o.MaxTokens)
	}
	if isSet(o.FrequencyPenalty) {
		kv = semconv.AppendFloat(kv, semconv.RequestFrequency, o.FrequencyPenalty)
	}
	if isSet(o.PresencePenalty) {
		kv = semconv.AppendFloat(kv, semconv.RequestPresence, o.PresencePenalty)
	}
	if o.Seed != unsetSeed && (o.Seed != 0 || zeros) {
		kv = semconv.AppendInt(kv, semconv.RequestSeed, o.Seed)
	}
	if n := max(o.N, o.CandidateCount); n > 1 {
		kv = semconv.AppendInt(kv, semconv.RequestChoiceCount, n)
	}
	if o.StreamingFunc != nil || o.StreamingReasoningFunc != nil {
		kv = append(kv, semconv.RequestStream.Bool(true))
	}
	if o.JSONMode || o.ResponseMIMEType == "application/json" {
		kv = semconv.AppendString(kv, semconv.OutputType, "json")
	}
	return kv
}

// Tools returns the tools that a call offers, and the older functions as tools.
func Tools(o *llms.CallOptions) []llms.Tool {
	if len(o.Functions) == 0 {
		return o.Tools
	}
	tools := make([]llms.Tool, 0, len(o.Tools)+len(o.Functions))
	tools = append(tools, o.Tools...)
	for i := range o.Functions {
		tools = append(tools, llms.Tool{Type: "function", Function: &o.Functions[i]})
	}
	return tools
}

// Streams is the streaming function of a request that asks for a stream and is known
// from its body. It does nothing.
func Streams(context.Context, []byte) error { return nil }
