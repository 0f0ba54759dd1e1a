// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/cow"
	"github.com/spanloom/spanloom/internal/semconv"
)

// labels are the metric attributes of one operation. They are built once, since
// building and sorting a set costs more than recording with it.
type labels struct {
	// The convention has no error.type on tokens and chunks.
	duration, withoutError, input, output []metric.RecordOption
	add                                   []metric.AddOption
	score                                 []metric.RecordOption // those of add
	tutorial                              *tutorialLabels       // of a chat
}

// labelCache is bounded, since names may come from a program's users, and each
// combination of labels is a time series for good.
type labelCache struct {
	named, others cow.Map[Operation, *labels]
	costs         cow.Map[costKey, []metric.AddOption]
}

// costKey has the labels of an operation by their pointer: the cache keeps them.
type costKey struct {
	*labels
	workflow string
}

// maxNamed is how many combinations of labels have names of their own: as many as
// OpenTelemetry's SDK keeps of an instrument.
const maxNamed = 2000

// otherName stands for the names that come when there are too many.
const otherName = "_OTHER"

func (c *labelCache) get(op Operation) *labels {
	if l, ok := c.named.Find(op, newLabels); ok {
		return l
	}
	for _, name := range []*string{&op.Model, &op.ResponseModel, &op.Entity, &op.Agent, &op.DBCollection} {
		if *name != "" {
			*name = otherName
		}
	}
	if l, ok := c.others.Find(op, newLabels); ok {
		return l
	}
	op.ErrorType = otherName
	return c.others.Get(op, newLabels)
}

// cost returns the labels of the counter of costs: those of other counters and the
// workflow's name. l must come from get.
func (c *labelCache) cost(l *labels, m *Measurement) []metric.AddOption {
	if m.Workflow == "" {
		return l.with(m.Attributes).add
	}
	add, ok := c.costs.Find(costKey{l, m.Workflow}, newCost)
	if !ok {
		add = newCost(costKey{l, otherName})
	}
	if len(m.Attributes) > 0 {
		add = append([]metric.AddOption{metric.WithAttributes(m.Attributes...)}, add...)
	}
	return add
}

func newCost(k costKey) []metric.AddOption {
	set := metric.NewAddConfig(k.add).Attributes()
	return []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(append(set.ToSlice(), semconv.WorkflowName.String(k.workflow))...))}
}

func newLabels(op Operation) *labels {
	kv := make([]attribute.KeyValue, 0, 10)
	set := func(k attribute.Key, v string) {
		if v != "" {
			kv = append(kv, k.String(v))
		}
	}
	switch op.Name {
	case semconv.OperationInvokeWorkflow:
		set(semconv.WorkflowName, op.Entity)
	case semconv.OperationInvokeAgent:
		set(semconv.AgentName, op.Entity)
	case semconv.OperationExecuteTool:
		set(semconv.ToolName, op.Entity)
		set(semconv.ToolType, op.ToolType)
		set(semconv.AgentName, op.Agent)
	default:
		set(semconv.OperationName, op.Name)
		set(semconv.ProviderName, op.Provider)
		set(semconv.RequestModel, op.Model)
		set(semconv.ResponseModel, op.ResponseModel)
		set(semconv.ServerAddress, op.ServerAddress)
		if op.ServerPort > 0 {
			kv = append(kv, semconv.ServerPort.Int(op.ServerPort))
		}
		set(semconv.DBSystemName, op.DBSystem)
		set(semconv.DBOperationName, op.DBOperation)
		set(semconv.DBCollectionName, op.DBCollection)
		if op.Name == "" && op.DBOperation == "" {
			set(semconv.TraceloopEntityName, op.Entity)
		}
	}

	base := slices.Clip(kv)
	with := func(extra ...attribute.KeyValue) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(append(base, extra...)...))
	}
	l := &labels{
		withoutError: []metric.RecordOption{with()},
		input:        []metric.RecordOption{with(semconv.TokenType.String(semconv.TokenInput))},
		output:       []metric.RecordOption{with(semconv.TokenType.String(semconv.TokenOutput))},
		add:          []metric.AddOption{with()},
		score:        []metric.RecordOption{with()},
	}
	if op.Name == semconv.OperationRetrieval && op.Entity != "" {
		// The counter of empty retrievals and the scores name the data source; the
		// convention's durations do not.
		source := with(semconv.DataSourceID.String(op.Entity))
		l.add, l.score = []metric.AddOption{source}, []metric.RecordOption{source}
	}
	if op.Name == semconv.OperationChat {
		l.tutorial = newTutorialLabels(&op)
	}
	if op.ErrorType != "" {
		l.duration = []metric.RecordOption{with(semconv.ErrorType.String(op.ErrorType))}
	} else {
		l.duration = l.withoutError
	}
	return l
}

// with returns the labels with extra attributes. The convention's attributes come
// last, since the last one of a key wins.
func (l *labels) with(extra []attribute.KeyValue) *labels {
	if len(extra) == 0 {
		return l
	}
	first := metric.WithAttributes(extra...)
	records := func(own []metric.RecordOption) []metric.RecordOption {
		return append([]metric.RecordOption{first}, own...)
	}
	return &labels{
		duration: records(l.duration), withoutError: records(l.withoutError), input: records(l.input), output: records(l.output),
		add: append([]metric.AddOption{first}, l.add...), score: records(l.score), tutorial: l.tutorial,
	}
}
