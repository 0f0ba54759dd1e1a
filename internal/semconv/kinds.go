// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Kind is what every span of a kind has.
type Kind struct {
	// Name is what the reference calls it.
	Name string
	// Verb is the first word of the span's name, and Named what follows it.
	Verb, Named string
	// NameKey is the attribute with the operation's name.
	NameKey attribute.Key
	// Operation is gen_ai.operation.name.
	Operation string
	// Traceloop is traceloop.span.kind.
	Traceloop string
	// OpenInference is openinference.span.kind, where backends cannot tell otherwise.
	OpenInference string
	SpanKind      trace.SpanKind
}

// Kinds are in the order of the constants of package callbacks, from 1, and of
// the [Place] bits.
var Kinds = [...]Kind{
	{},
	{"workflow", "invoke_workflow", "name", WorkflowName, OperationInvokeWorkflow, "workflow", "CHAIN", trace.SpanKindInternal},
	{"task", "execute_task", "name", "", "", "task", "CHAIN", trace.SpanKindInternal},
	{"agent", "invoke_agent", "name", AgentName, OperationInvokeAgent, "agent", "", trace.SpanKindInternal},
	{"tool", "execute_tool", "name", ToolName, OperationExecuteTool, "tool", "", trace.SpanKindInternal},
	{"chat", "chat", "model", RequestModel, OperationChat, "", "", trace.SpanKindClient},
	{"embeddings", "embeddings", "model", RequestModel, OperationEmbeddings, "", "", trace.SpanKindClient},
	{"retrieval", "retrieval", "source", DataSourceID, OperationRetrieval, "", "RETRIEVER", trace.SpanKindClient},
	{"vector store", "{operation}", "collection", DBOperationName, "", "", "", trace.SpanKindClient},
}
