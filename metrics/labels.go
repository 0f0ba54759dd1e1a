// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/cow"
	"github.com/spanloom/spanloom/internal/semconv"
)

// labels are the options of one attribute set, built once: building and sorting
// a set costs more than recording with it.
type labels struct {
	// plain has no error.type: the convention has none on tokens and chunks.
	duration, plain, input, output []metric.RecordOption
	add                            []metric.AddOption
}

// labelCache is bounded: a program has few models, tools and error types, but a
// model name may come from its users.
type labelCache struct{ cow.Map[Operation, *labels] }

func (c *labelCache) get(op Operation) *labels { return c.Get(op, newLabels) }

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
	}

	base := slices.Clip(kv)
	with := func(extra ...attribute.KeyValue) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(append(base, extra...)...))
	}
	l := &labels{
		plain:  []metric.RecordOption{with()},
		input:  []metric.RecordOption{with(semconv.TokenType.String(semconv.TokenInput))},
		output: []metric.RecordOption{with(semconv.TokenType.String(semconv.TokenOutput))},
		add:    []metric.AddOption{with()},
	}
	if op.Name == semconv.OperationRetrieval && op.Entity != "" {
		// Counting what is empty needs to tell of what; the convention's durations
		// have no such label.
		l.add = []metric.AddOption{with(semconv.DataSourceID.String(op.Entity))}
	}
	if op.ErrorType != "" {
		l.duration = []metric.RecordOption{with(semconv.ErrorType.String(op.ErrorType))}
	} else {
		l.duration = l.plain
	}
	return l
}

// beside returns the labels with more of them. Those that come later win, so
// the convention's stay what they are.
func (l *labels) beside(more []attribute.KeyValue) *labels {
	if len(more) == 0 {
		return l
	}
	first := metric.WithAttributes(more...)
	records := func(own []metric.RecordOption) []metric.RecordOption {
		return append([]metric.RecordOption{first}, own...)
	}
	return &labels{
		duration: records(l.duration), plain: records(l.plain), input: records(l.input), output: records(l.output),
		add: append([]metric.AddOption{first}, l.add...),
	}
}
