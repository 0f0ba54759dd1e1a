// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/semconv"
)

// WithTutorialMetrics adds the metrics that tutorials of OpenLLMetry have
// programs make by hand, under the same names, for dashboards that read them:
//
//   - llm_requests_total, model calls by model and status ("success" or "error")
//   - llm_response_time, their seconds by model
//   - llm_tokens_used, tokens by model and type ("prompt" or "completion")
//
// Each call and each token counts once. The tutorials count a failed call twice, and
// tokens again as type "total". Default: only the metrics of the convention.
func WithTutorialMetrics() Option {
	return optionFunc(func(c config) config {
		c.tutorial = true
		return c
	})
}

type tutorial struct {
	requests, tokens metric.Int64Counter
	seconds          metric.Float64Histogram
}

// tutorialLabels are the labels of these metrics for one operation.
type tutorialLabels struct {
	request, prompt, completion []metric.AddOption
	seconds                     []metric.RecordOption
}

func newTutorial(b *builder) *tutorial {
	return &tutorial{
		requests: b.intCounter(semconv.TutorialRequests),
		tokens:   b.intCounter(semconv.TutorialTokens),
		seconds:  b.floatHistogram(semconv.TutorialResponseTime),
	}
}

func (t *tutorial) record(ctx context.Context, m *Measurement, l *tutorialLabels) {
	if t == nil || m.Name != semconv.OperationChat {
		return
	}
	t.requests.Add(ctx, 1, l.request...)
	t.seconds.Record(ctx, m.Duration.Seconds(), l.seconds...)
	if m.Usage.Input > 0 {
		t.tokens.Add(ctx, int64(m.Usage.Input), l.prompt...)
	}
	if m.Usage.Output > 0 {
		t.tokens.Add(ctx, int64(m.Usage.Output), l.completion...)
	}
}

func newTutorialLabels(op *Operation) *tutorialLabels {
	model := semconv.TutorialModel.String(cmp.Or(op.Model, op.ResponseModel, "unknown"))
	with := func(extra ...attribute.KeyValue) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(append(extra, model)...))
	}
	status := semconv.TutorialSuccess
	if op.ErrorType != "" {
		status = semconv.TutorialError
	}
	return &tutorialLabels{
		request:    []metric.AddOption{with(semconv.TutorialStatus.String(status))},
		prompt:     []metric.AddOption{with(semconv.TutorialType.String(semconv.TutorialPrompt))},
		completion: []metric.AddOption{with(semconv.TutorialType.String(semconv.TutorialCompletion))},
		seconds:    []metric.RecordOption{with()},
	}
}
