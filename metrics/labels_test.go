// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/semconv"
)

// cachedLabels is the bound of the cache.
const cachedLabels = 512

func setOf(l *labels) attribute.Set { return metric.NewRecordConfig(l.duration).Attributes() }

func TestLabelCacheIsBounded(t *testing.T) {
	var c labelCache
	for i := range 2 * cachedLabels {
		op := Operation{Name: "chat", Model: strconv.Itoa(i)}
		set := setOf(c.get(op))
		model, ok := set.Value("gen_ai.request.model")
		require.True(t, ok)
		if i < cachedLabels {
			require.Equal(t, op.Model, model.AsString())
		} else {
			require.Equal(t, "_OTHER", model.AsString(), "each name is a time series, and may come from a program's users")
		}
	}
	assert.Equal(t, []int{cachedLabels, 1}, []int{c.named.Len(), c.others.Len()})
	op := Operation{Name: "invoke_workflow", Entity: "one more", ErrorType: "timeout"}
	set := setOf(c.get(op))
	assert.Equal(t, "error.type=timeout,gen_ai.workflow.name=_OTHER", set.Encoded(attribute.DefaultEncoder()), "what is no name stays")
	assert.Zero(t, testing.AllocsPerRun(10, func() { c.get(op) }))
}

func TestCostLabelsAreBounded(t *testing.T) {
	var c labelCache
	l := c.get(Operation{Name: "chat", Model: "m"})
	workflow := func(i int) string {
		set := metric.NewAddConfig(c.cost(l, &Measurement{Workflow: strconv.Itoa(i)})).Attributes()
		v, _ := set.Value("gen_ai.workflow.name")
		return v.AsString()
	}
	for i := range cachedLabels {
		require.Equal(t, strconv.Itoa(i), workflow(i))
	}
	assert.Equal(t, "_OTHER", workflow(cachedLabels))
	assert.Equal(t, "7", workflow(7))
}

// A program's own labels keep clear of this list.
func TestEveryLabelIsListed(t *testing.T) {
	set := map[attribute.Key]bool{}
	for _, name := range []string{"chat", "retrieval", "invoke_workflow", "invoke_agent", "execute_tool", ""} {
		l := newLabels(Operation{
			Name: name, Entity: "e", Provider: "p", Model: "m", ResponseModel: "r", ServerAddress: "a", ServerPort: 1, ErrorType: "t",
			DBSystem: "s", DBOperation: "o", DBCollection: "c", Agent: "g", ToolType: "function",
		})
		if name == "" {
			l = newLabels(Operation{Entity: "task"})
		}
		for _, records := range [][]metric.RecordOption{l.duration, l.withoutError, l.input, l.output} {
			attrs := metric.NewRecordConfig(records).Attributes()
			for _, kv := range attrs.ToSlice() {
				set[kv.Key] = true
			}
		}
		attrs := metric.NewAddConfig(l.add).Attributes()
		for _, kv := range attrs.ToSlice() {
			set[kv.Key] = true
		}
	}
	assert.ElementsMatch(t, semconv.MetricLabels(), slices.Collect(maps.Keys(set)))
}

func TestLabelCacheReusesLabels(t *testing.T) {
	var c labelCache
	op := Operation{Name: "chat", Model: "m"}
	first := c.get(op)
	assert.Same(t, first, c.get(op))
	op.ErrorType = "timeout"
	assert.NotSame(t, first, c.get(op), "a failure has labels of its own")
}

func TestLabelCacheIsConcurrentSafe(t *testing.T) {
	var c labelCache
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 2 * cachedLabels {
				// Neighbours ask for the same ones at the same time.
				model := strconv.Itoa((i + w) % cachedLabels)
				set := setOf(c.get(Operation{Name: "chat", Model: model}))
				if v, _ := set.Value("gen_ai.request.model"); v.AsString() != model {
					t.Errorf("asked for the labels of %s, got those of %s", model, v.AsString())
					return
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, cachedLabels, c.named.Len())
}
