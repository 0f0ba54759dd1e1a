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

// UnsetOptions returns options to apply a call's options to, so that
// [AppendRequest] can tell a 0 that one of them set from one that none did. To
// the options it looks like any other.
func UnsetOptions() *llms.CallOptions {
	return &llms.CallOptions{
		Temperature: negativeZero, TopP: negativeZero, FrequencyPenalty: negativeZero, PresencePenalty: negativeZero,
		RepetitionPenalty: negativeZero, Seed: unsetSeed,
	}
}

// tellsZeros reports whether zeros of o have a meaning: llms.WithOptions replaces
// all fields, and the zeros in it are those of a literal. That all of these were
// set one by one is less likely than that.
func tellsZeros(o *llms.CallOptions) bool {
	return isUnset(o.RepetitionPenalty) || isUnset(o.FrequencyPenalty) || isUnset(o.PresencePenalty) || isUnset(o.TopP) || isUnset(o.Temperature)
}

func isUnset(f float64) bool { return f == 0 && math.Signbit(f) }

// AppendRequest appends the request attributes that the options carry, the
// model apart. A zero is reported only of options from [UnsetOptions], where
// somebody set it.
func AppendRequest(kv []attribute.KeyValue, o *llms.CallOptions) []attribute.KeyValue {
	zeros := tellsZeros(o)
	float := func(k attribute.Key, f float64) {
		if f != 0 || zeros && !isUnset(f) {
			kv = append(kv, k.Float64(f))
		}
	}
	float(semconv.RequestTemperature, o.Temperature)
	float(semconv.RequestTopP, o.TopP)
	if o.TopK != 0 {
		kv = append(kv, semconv.RequestTopK.Int(o.TopK))
	}
	if o.MaxTokens != 0 {
		kv = append(kv, semconv.RequestMaxTokens.Int(o.MaxTokens))
	}
	if len(o.StopWords) > 0 {
		kv = append(kv, semconv.RequestStopSequences.StringSlice(o.StopWords))
	}
	float(semconv.RequestFrequency, o.FrequencyPenalty)
	float(semconv.RequestPresence, o.PresencePenalty)
	if o.Seed != unsetSeed && (o.Seed != 0 || zeros) {
		kv = append(kv, semconv.RequestSeed.Int(o.Seed))
	}
	if n := max(o.N, o.CandidateCount); n > 1 {
		kv = append(kv, semconv.RequestChoiceCount.Int(n))
	}
	if o.StreamingFunc != nil || o.StreamingReasoningFunc != nil {
		kv = append(kv, semconv.RequestStream.Bool(true))
	}
	if o.JSONMode || o.ResponseMIMEType == "application/json" {
		kv = append(kv, semconv.OutputType.String("json"))
	}
	return kv
}

// AppendResponse appends what a response tells, usage apart: finish reasons,
// and the response model and id where a provider passes them on.
func AppendResponse(kv []attribute.KeyValue, res *llms.ContentResponse) []attribute.KeyValue {
	kv, _ = ReadResponse(kv, res)
	return kv
}

// ReadResponse is [AppendResponse] and [UsageOf] in one.
func ReadResponse(kv []attribute.KeyValue, res *llms.ContentResponse) ([]attribute.KeyValue, metrics.Usage) {
	if r := FinishReasons(res); r.Valid() {
		kv = append(kv, r)
	}
	t := toldBy(res)
	if t.model != "" {
		kv = append(kv, semconv.ResponseModel.String(t.model))
	}
	if t.id != "" {
		kv = append(kv, semconv.ResponseID.String(t.id))
	}
	return kv, t.usage
}
