// SPDX-License-Identifier: Apache-2.0

package semconv

import "go.opentelemetry.io/otel/attribute"

// Metric describes one instrument: what the convention calls it, its unit and its
// bucket boundaries. Go's genaiconv package sets no boundaries, and the SDK's
// default ones put every model call into the first bucket.
type Metric struct {
	Name        string
	Unit        string
	Description string
	Buckets     []float64
	Registry    bool
	// Recommended are the convention's boundaries where Buckets are others.
	Recommended []float64
}

// Boundaries are the bucket boundaries, in strict mode those of the convention.
func (m Metric) Boundaries(strict bool) []float64 {
	if strict && m.Recommended != nil {
		return m.Recommended
	}
	return m.Buckets
}

// The instruments, in the order of the generated reference.
var (
	TokenUsage = Metric{
		"gen_ai.client.token.usage", "{token}",
		"Number of input and output tokens used, as the provider reports them.", tokenBuckets, true, nil,
	}
	OperationDuration = Metric{
		"gen_ai.client.operation.duration", "s",
		"Duration of a chat, embeddings or retrieval operation.", durationBuckets, true, nil,
	}
	FirstChunk = Metric{
		"gen_ai.client.operation.time_to_first_chunk", "s",
		"Time from the request to the first chunk of a streamed answer.", durationBuckets, true, nil,
	}
	OutputChunk = Metric{
		"gen_ai.client.operation.time_per_output_chunk", "s",
		"Time between two chunks of a streamed answer, one record per chunk after the first.", durationBuckets, true, nil,
	}
	WorkflowDuration = Metric{
		"gen_ai.invoke_workflow.duration", "s",
		"Duration of a workflow.", stepBuckets, true, workflowBuckets,
	}
	AgentDuration = Metric{
		"gen_ai.invoke_agent.duration", "s",
		"Duration of an agent run.", stepBuckets, true, agentBuckets,
	}
	AgentInferenceCalls = Metric{
		"gen_ai.invoke_agent.inference_calls", "{inference_call}",
		"Number of model calls of an agent run, failed ones included.", callBuckets, true, nil,
	}
	AgentToolCallCount = Metric{
		"gen_ai.invoke_agent.tool_calls", "{tool_call}",
		"Number of tool calls of an agent run, failed ones included.", callBuckets, true, nil,
	}
	ToolDuration = Metric{
		"gen_ai.execute_tool.duration", "s",
		"Duration of a tool call.", stepBuckets, true, durationBuckets,
	}
	TaskDuration = Metric{
		"spanloom.task.duration", "s",
		"Duration of a task, by `traceloop.entity.name`.", stepBuckets, false, nil,
	}
	DBOperationDuration = Metric{
		"db.client.operation.duration", "s",
		"Duration of a vector-store operation.", dbBuckets, true, nil,
	}
	EmptyRetrievals = Metric{
		"spanloom.retrieval.empty", "{retrieval}",
		"Number of retrievals, and of vector-store searches outside of one, that found no document.", nil, false, nil,
	}
	BestScore = Metric{
		"spanloom.retrieval.best_score", "1",
		"Score of the first document of a retrieval, and of a vector-store search outside of one.", scoreBuckets, false, nil,
	}
	Retries = Metric{
		"spanloom.retries", "{retry}",
		"Number of further attempts of model calls, made by `models.Retry`.", nil, false, nil,
	}
	Cost = Metric{
		"gen_ai.usage.cost", "USD",
		"Cost of model calls, as a gateway states it, else by the model's price; with the workflow's name.", nil, false, nil,
	}
	CostUnpriced = Metric{
		"spanloom.cost.unpriced", "{call}",
		"Number of model calls with usage that have no price, and that are missing in the cost.", nil, false, nil,
	}

	// The names are those of OpenLLMetry's tutorials, and without units in them.
	TutorialRequests = Metric{
		"llm_requests_total", "{request}",
		"Number of model calls, with `metrics.WithTutorialMetrics`.", nil, false, nil,
	}
	TutorialResponseTime = Metric{
		"llm_response_time", "s",
		"Duration of model calls, with `metrics.WithTutorialMetrics`.", durationBuckets, false, nil,
	}
	TutorialTokens = Metric{
		"llm_tokens_used", "{token}",
		"Number of tokens, with `metrics.WithTutorialMetrics`.", nil, false, nil,
	}
)

// MetricLabels are the keys of the convention's own labels on our metrics. A key
// of a program's must not be one of them: where the convention leaves a label out,
// as error.type of a call that went well, it would say what is not so.
func MetricLabels() []attribute.Key {
	return []attribute.Key{
		OperationName, ProviderName, RequestModel, ResponseModel, ServerAddress, ServerPort, TokenType, ErrorType,
		WorkflowName, TraceloopEntityName, AgentName, ToolName, ToolType, DataSourceID, DBSystemName, DBOperationName, DBCollectionName,
	}
}

// Metrics lists every instrument, for the generated reference and its test.
func Metrics() []Metric {
	return []Metric{
		TokenUsage, OperationDuration, FirstChunk, OutputChunk, WorkflowDuration, AgentDuration,
		AgentInferenceCalls, AgentToolCallCount, ToolDuration, TaskDuration, DBOperationDuration, EmptyRetrievals, BestScore, Retries, Cost,
		CostUnpriced, TutorialRequests, TutorialResponseTime, TutorialTokens,
	}
}
