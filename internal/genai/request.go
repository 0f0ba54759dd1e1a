// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// AppendRequest appends the request attributes that the options carry, the
// model apart. langchaingo cannot tell an option that is unset from one that is
// zero, so zeros are not reported.
func AppendRequest(kv []attribute.KeyValue, o *llms.CallOptions) []attribute.KeyValue {
	if o.Temperature != 0 {
		kv = append(kv, semconv.RequestTemperature.Float64(o.Temperature))
	}
	if o.TopP != 0 {
		kv = append(kv, semconv.RequestTopP.Float64(o.TopP))
	}
	if o.TopK != 0 {
		kv = append(kv, semconv.RequestTopK.Int(o.TopK))
	}
	if o.MaxTokens != 0 {
		kv = append(kv, semconv.RequestMaxTokens.Int(o.MaxTokens))
	}
	if len(o.StopWords) > 0 {
		kv = append(kv, semconv.RequestStopSequences.StringSlice(o.StopWords))
	}
	if o.FrequencyPenalty != 0 {
		kv = append(kv, semconv.RequestFrequency.Float64(o.FrequencyPenalty))
	}
	if o.PresencePenalty != 0 {
		kv = append(kv, semconv.RequestPresence.Float64(o.PresencePenalty))
	}
	if o.Seed != 0 {
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
	if r := FinishReasons(res); r.Valid() {
		kv = append(kv, r)
	}
	if m := responseInfo(res, "model"); m != "" {
		kv = append(kv, semconv.ResponseModel.String(m))
	}
	if id := responseInfo(res, "id", "generation_id"); id != "" {
		kv = append(kv, semconv.ResponseID.String(id))
	}
	return kv
}

func responseInfo(res *llms.ContentResponse, keys ...string) string {
	if res == nil {
		return ""
	}
	for _, c := range res.Choices {
		if c == nil {
			continue
		}
		for _, k := range keys {
			if s, ok := c.GenerationInfo[k].(string); ok && s != "" {
				return s
			}
		}
	}
	return ""
}
