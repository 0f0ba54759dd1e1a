// SPDX-License-Identifier: Apache-2.0

package semconv

import "go.opentelemetry.io/otel/trace"

// Kind is what every span of a kind has.
type Kind struct {
	// Name is what the reference calls it.
	Name string
	// Verb is the first word of the span's name, and Named what follows it.
	Verb, Named string
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
	{"workflow", "invoke_workflow", "name", OperationInvokeWorkflow, "workflow", "CHAIN", trace.SpanKindInternal},
	{"task", "execute_task", "name", "", "task", "CHAIN", trace.SpanKindInternal},
	{"agent", "invoke_agent", "name", OperationInvokeAgent, "agent", "", trace.SpanKindInternal},
	{"tool", "execute_tool", "name", OperationExecuteTool, "tool", "", trace.SpanKindInternal},
	{"chat", "chat", "model", OperationChat, "", "", trace.SpanKindClient},
	{"embeddings", "embeddings", "model", OperationEmbeddings, "", "", trace.SpanKindClient},
	{"retrieval", "retrieval", "source", OperationRetrieval, "", "RETRIEVER", trace.SpanKindClient},
	{"vector store", "{operation}", "collection", "", "", "", trace.SpanKindClient},
}
