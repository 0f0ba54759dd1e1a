// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"math"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// unsetSeed is as good a seed as any, and nobody's.
const unsetSeed = -0x5EED_5EED

// negativeZero is equal to 0 and yet no 0 that anybody sets.
var negativeZero = math.Copysign(0, -1)

// Request is one call of a model, as its wrapper sees it.
type Request struct {
	// Options are what the options of the call come to.
	Options llms.CallOptions
	// Messages are here so that a pointer to them can be handed over: to make an
	// interface of a slice allocates.
	Messages []llms.MessageContent
}

// NewRequest returns a request with options to apply a call's options to, so
// that [AppendRequest] can tell a 0 that one of them set from one that none did.
// To the options it looks like any other.
func NewRequest(messages []llms.MessageContent) *Request {
	r := &Request{Messages: messages}
	o := &r.Options
	o.Temperature, o.TopP, o.FrequencyPenalty, o.PresencePenalty = negativeZero, negativeZero, negativeZero, negativeZero
	o.RepetitionPenalty, o.Seed = negativeZero, unsetSeed
	return r
}

// tellsZeros reports whether zeros of o have a meaning: llms.WithOptions replaces
// all fields, and the zeros in it are those of a literal. That all of these were
// set one by one is less likely than that.
func tellsZeros(o *llms.CallOptions) bool {
	return isUnset(o.RepetitionPenalty) || isUnset(o.FrequencyPenalty) || isUnset(o.PresencePenalty) || isUnset(o.TopP) || isUnset(o.Temperature)
}

func isUnset(f float64) bool { return f == 0 && math.Signbit(f) }

// AppendRequest appends the request attributes that the options carry, the
// model apart. A zero is reported only of options from [NewRequest], where
// somebody set it.
func AppendRequest(kv []attribute.KeyValue, o *llms.CallOptions) []attribute.KeyValue {
	zeros := tellsZeros(o)
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

// ReadResponse appends what a response tells, finish reasons, and the response
// model and id where a provider passes them on, and returns its token counts.
func ReadResponse(kv []attribute.KeyValue, res *llms.ContentResponse) ([]attribute.KeyValue, metrics.Usage) {
	kv = appendReasons(kv, res)
	var t told
	t.by(res)
	if t.model != "" {
		kv = semconv.AppendString(kv, semconv.ResponseModel, t.model)
	}
	if t.id != "" {
		kv = semconv.AppendString(kv, semconv.ResponseID, t.id)
	}
	return kv, t.usage
}
