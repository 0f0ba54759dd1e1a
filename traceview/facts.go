// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// The kinds of operations that are shown apart.
const (
	kindWorkflow   = "workflow"
	kindTask       = "task"
	kindAgent      = "agent"
	kindTool       = "tool"
	kindChat       = "chat"
	kindEmbeddings = "embeddings"
	kindRetrieval  = "retrieval"
	kindStore      = "store"
	kindOther      = "other"
)

// kindValues are the values of the attributes that name an operation's kind: of the
// GenAI conventions, of OpenLLMetry and of OpenInference, in lower case.
var kindValues = map[string]string{
	"chat": kindChat, "text_completion": kindChat, "generate_content": kindChat, "completion": kindChat, "llm": kindChat,
	"embeddings": kindEmbeddings, "embedding": kindEmbeddings,
	"retrieval": kindRetrieval, "retriever": kindRetrieval, "reranker": kindRetrieval,
	"invoke_agent": kindAgent, "create_agent": kindAgent, "agent": kindAgent,
	"execute_tool": kindTool, "tool": kindTool,
	"invoke_workflow": kindWorkflow, "workflow": kindWorkflow,
	"task": kindTask, "chain": kindTask,
}

// kindKeys are asked in this order.
var kindKeys = []attribute.Key{semconv.OperationName, semconv.TraceloopSpanKind, semconv.OpenInferenceSpanKind, "llm.request.type"}

func (s span) kind() string {
	for _, key := range kindKeys {
		if kind, ok := kindValues[strings.ToLower(s.text(key))]; ok {
			return kind
		}
	}
	if s.first(semconv.DBSystemName, "db.system") != "" {
		return kindStore
	}
	return kindOther
}

// first is the first of the keys that has a text.
func (s span) first(keys ...attribute.Key) string {
	for _, key := range keys {
		if v, ok := s.value(key); ok && v.Type() == attribute.STRING && v.AsString() != "" {
			return v.AsString()
		}
	}
	return ""
}

func (s span) model() string {
	return s.first(semconv.RequestModel, semconv.ResponseModel, "llm.model_name", "embedding.model_name", "llm.request.model")
}

// entity is the name of a workflow, task, agent or tool, without the verb in front.
func (s span) entity() string {
	if name := s.first(semconv.TraceloopEntityName, semconv.AgentName, semconv.ToolName, semconv.WorkflowName); name != "" {
		return name
	}
	return s.Name()
}

// number is the first of the keys that has a number, whatever its type.
func (s span) number(keys ...attribute.Key) (n float64, ok bool) {
	for _, key := range keys {
		switch v, _ := s.value(key); v.Type() {
		case attribute.INT64:
			return float64(v.AsInt64()), true
		case attribute.FLOAT64:
			return v.AsFloat64(), true
		}
	}
	return 0, false
}

func (s span) inputTokens() (int64, bool) {
	return s.tokens(semconv.TotalInputTokens, semconv.UsageInputTokens, "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
}

func (s span) outputTokens() (int64, bool) {
	return s.tokens(semconv.TotalOutputTokens, semconv.UsageOutputTokens, "gen_ai.usage.completion_tokens", "llm.token_count.completion")
}

// tokens is the number under the first of the keys that has one, on an agent also its
// total. That of a workflow is in the tables.
func (s span) tokens(total attribute.Key, keys ...attribute.Key) (int64, bool) {
	if s.kind() == kindAgent {
		keys = append(keys, total)
	}
	n, ok := s.number(keys...)
	return int64(n), ok
}

func (s span) cost() (usd float64, ok bool) {
	return s.number(semconv.UsageCost, "llm.cost.total")
}
