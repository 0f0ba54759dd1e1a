// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/metrics"
)

// runOfAWorkflow is a workflow with a task and a model call in it.
func runOfAWorkflow(t *testing.T, r *rig) {
	t.Helper()
	ctx, workflow := r.Start(t.Context(), KindWorkflow, "answer")
	ctx, task := r.Start(ctx, KindTask, "step")
	_, chat := r.Start(ctx, KindChat, "gpt-4o", attribute.String("gen_ai.provider.name", "openai"))
	chat.SetUsage(metrics.Usage{Input: 1000})
	chat.End(nil)
	task.End(nil)
	workflow.End(nil)
}

func TestTasksAndCostHaveMetrics(t *testing.T) {
	r := newRig(t, WithPrices(metrics.DefaultPrices()))
	runOfAWorkflow(t, r)
	for metric, label := range map[string]string{"spanloom.task.duration": "traceloop.entity.name=step", "gen_ai.usage.cost": "gen_ai.workflow.name=answer"} {
		points := r.points(metric)
		require.Len(t, points, 1, metric)
		assert.Contains(t, points[0].labels.Encoded(attribute.DefaultEncoder()), label, metric)
	}
}

// A retrieval and the search in it are one for the metrics.
func TestScoresCountOnce(t *testing.T) {
	r := newRig(t)
	score := attribute.Float64("spanloom.retrieval.best_score", 0.75)
	ctx, retrieval := r.Start(t.Context(), KindRetrieval, "docs")
	_, search := r.Start(ctx, KindVectorStore, "search")
	search.SetAttributes(score)
	search.End(nil)
	retrieval.SetAttributes(score)
	retrieval.End(nil)
	_, none := r.Start(t.Context(), KindRetrieval, "docs")
	none.SetAttributes(attribute.Float64("spanloom.retrieval.best_score", 0))
	none.End(nil)
	points := r.points("spanloom.retrieval.best_score")
	require.Len(t, points, 1)
	assert.EqualValues(t, 1, points[0].count)
	assert.InDelta(t, 0.75, points[0].sum, 1e-6)
	assert.Contains(t, points[0].labels.Encoded(attribute.DefaultEncoder()), "gen_ai.data_source.id=docs")
}

func TestStrictModeHasNoMetricOfOurOwn(t *testing.T) {
	r := newRig(t, WithPrices(metrics.DefaultPrices()), WithStrictSemConv())
	runOfAWorkflow(t, r)
	assert.Empty(t, r.points("spanloom.task.duration"))
	assert.Empty(t, r.points("gen_ai.usage.cost"))
	assert.NotEmpty(t, r.points("gen_ai.invoke_workflow.duration"))
}
