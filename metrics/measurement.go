// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// Operation identifies what was measured. Its fields become metric attributes;
// empty ones are left out.
type Operation struct {
	// Name is gen_ai.operation.name; empty for vector-store operations and tasks.
	Name string
	// Provider, Model and ResponseModel describe model and embedding calls.
	Provider, Model, ResponseModel string
	ServerAddress                  string
	ServerPort                     int
	// Entity is the name of the workflow, task, agent or tool, or of the data source of
	// a retrieval. A task is what has an Entity, and neither Name nor DBOperation.
	Entity string
	// Agent is the name of the agent that called a tool, and ToolType is gen_ai.tool.type.
	Agent, ToolType string
	// DBSystem, DBOperation and DBCollection describe vector-store operations.
	DBSystem, DBOperation, DBCollection string
	// ErrorType is error.type; empty on success.
	ErrorType string
}

// Measurement is one finished operation.
type Measurement struct {
	Operation
	Duration time.Duration
	Usage    Usage
	// Workflow is the name of the workflow that the operation is part of, if any. Cost
	// has it; on histograms it would multiply the series.
	Workflow string
	// TimeToFirstChunk is the latency of a streamed answer; zero without one.
	TimeToFirstChunk time.Duration
	// InferenceCalls and ToolCalls are counts of an agent run.
	InferenceCalls, ToolCalls int
	// Attributes are further metric attributes, chosen by the program. The convention's
	// win over them. The metrics of [WithTutorialMetrics] do not have them.
	Attributes []attribute.KeyValue
	// Empty is true if a retrieval or a search succeeded and found nothing.
	Empty bool
	// HasScore is true if a retrieval or a search found documents with scores, and
	// BestScore is that of the first one.
	HasScore  bool
	BestScore float64
}
