// SPDX-License-Identifier: Apache-2.0

package semconv

import "go.opentelemetry.io/otel/attribute"

// Attribute describes one key for the generated reference.
type Attribute struct {
	Key  attribute.Key
	Type string
	On   Place
	// Content is true for what only a content policy lets through.
	Content bool
	Brief   string
}

// Place is a set of the places an attribute appears in. A key that is in none
// is named but not yet emitted, and stays out of the reference.
type Place uint16

// The kinds of spans, metrics, and events of spans.
const (
	OnWorkflow Place = 1 << iota
	OnTask
	OnAgent
	OnTool
	OnChat
	OnEmbeddings
	OnRetrieval
	OnVectorStore
	OnMetrics
	OnEvents

	onChains    = OnWorkflow | OnTask
	onModels    = OnChat | OnEmbeddings
	onSearches  = OnRetrieval | OnVectorStore
	onEverySpan = onChains | OnAgent | OnTool | onModels | onSearches
)

var placeNames = []string{
	"workflow", "task", "agent", "tool", "chat", "embeddings", "retrieval", "vector store", "metrics", "events",
}

// Names lists the places, all kinds of spans together as "every span".
func (p Place) Names() []string {
	var names []string
	if p&onEverySpan == onEverySpan {
		names, p = append(names, "every span"), p&^onEverySpan
	}
	for i, name := range placeNames {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

const (
	boolean  = "boolean"
	double   = "double"
	integer  = "int"
	text     = "string"
	textList = "string[]"
	jsonText = "JSON string"
)

// Attributes lists every key of keys.go, in the order of the reference.
func Attributes() []Attribute { //nolint:funlen // a table
	return []Attribute{
		{OperationName, text, OnWorkflow | OnAgent | OnTool | onModels | OnRetrieval | OnMetrics, false, "What the operation is: `chat`, `embeddings`, `retrieval`, `invoke_agent`, `execute_tool` or `invoke_workflow`."},
		{ProviderName, text, onModels | OnMetrics, false, "Who runs the model."},
		{RequestModel, text, onModels | OnMetrics, false, "The model that was asked for."},
		{RequestTemperature, double, OnChat, false, "Sampling temperature, if it was set."},
		{RequestTopP, double, OnChat, false, "Nucleus sampling, if it was set."},
		{RequestTopK, integer, OnChat, false, "Number of tokens sampled from, if it was set."},
		{RequestMaxTokens, integer, OnChat, false, "The most tokens the answer may have, if it was set."},
		{RequestStopSequences, textList, OnChat, true, "Texts that end the answer."},
		{RequestFrequency, double, OnChat, false, "Frequency penalty, if it was set."},
		{RequestPresence, double, OnChat, false, "Presence penalty, if it was set."},
		{RequestSeed, integer, OnChat, false, "Seed for repeatable sampling, if it was set."},
		{RequestChoiceCount, integer, OnChat, false, "Number of answers asked for, if more than one."},
		{RequestStream, boolean, OnChat, false, "True when the caller streams the answer."},
		{OutputType, text, OnChat, false, "`json` when JSON was asked for."},
		{ResponseID, text, OnChat, false, "The provider's id of the response, where langchaingo passes it on."},
		{ResponseModel, text, OnChat | OnMetrics, false, "The model that answered, where langchaingo passes it on."},
		{ResponseFinishReasons, textList, OnAgent | OnChat, false, "Why each answer ended, on an agent that of its last call: `stop`, `length`, `tool_call`, `content_filter`, `error`, or the provider's own word."},
		{TimeToFirstChunk, double, OnChat, false, "Seconds until the first chunk of a streamed answer."},
		{UsageInputTokens, integer, onModels, false, "Input tokens, cached ones included; in strict mode also on an agent, as a sum."},
		{UsageOutputTokens, integer, OnChat, false, "Output tokens, reasoning included; in strict mode also on an agent, as a sum."},
		{UsageCacheRead, integer, OnChat, false, "Input tokens read from the provider's cache."},
		{UsageCacheCreation, integer, OnChat, false, "Input tokens written to the provider's cache."},
		{UsageReasoning, integer, OnChat, false, "Output tokens spent on reasoning."},
		{UsageCost, double, OnChat, false, "Cost of the call in US dollars, as a gateway states it, else by the model's price."},
		{TokenType, text, OnMetrics, false, "`input` or `output`, on `gen_ai.client.token.usage`."},
		{InputMessages, jsonText, OnWorkflow | OnAgent | OnChat, true, "The messages sent to the model; on a workflow or an agent, what it was given as one message."},
		{OutputMessages, jsonText, OnWorkflow | OnAgent | OnChat, true, "The answers, one message per choice; on a workflow or an agent, what it returned as one message."},
		{ToolDefinitions, jsonText, OnChat, true, "The tools the model may call."},
		{ToolName, text, OnTool | OnMetrics, false, "Name of the tool."},
		{ToolType, text, OnTool | OnMetrics, false, "`function`: the tool runs in this program."},
		{ToolDescription, text, OnTool, true, "What the tool is for."},
		{ToolCallID, text, OnTool, false, "The model's id of the tool call, where the agent states it."},
		{ToolCallArguments, jsonText, OnTool, true, "What the tool was given."},
		{ToolCallResult, jsonText, OnTool, true, "What the tool returned."},
		{AgentName, text, OnAgent | OnTool | OnMetrics, false, "Name of the agent; on tools, of the agent that called."},
		{AgentIterations, integer, OnAgent, false, "Model calls of the run."},
		{AgentToolCalls, integer, OnAgent, false, "Tool calls of the run."},
		{WorkflowName, text, OnWorkflow | OnMetrics, false, "Name of the workflow."},
		{ConversationID, text, OnAgent | OnChat, false, "The session id, if the context carries one."},
		{DataSourceID, text, OnRetrieval, false, "What is searched, if it has a name."},
		{RetrievalTopK, integer, onSearches, false, "Number of documents asked for."},
		{RetrievalDocumentCount, integer, onSearches, false, "Number of documents found."},
		{RetrievalBestScore, double, onSearches, false, "Score of the first document."},
		{RetrievalWorstScore, double, onSearches, false, "Score of the last document."},
		{RetrievalThreshold, double, OnVectorStore, false, "Lowest score asked for."},
		{RetrievalFiltered, boolean, OnVectorStore, false, "True when the search had a metadata filter."},
		{RetrievalFilters, jsonText, OnVectorStore, true, "The metadata filter of the search."},
		{RetrievalQueryText, text, onSearches, true, "The query."},
		{RetrievalDocuments, jsonText, onSearches, true, "The documents found or added: id, score, content and metadata."},
		{EmbeddingsDimensions, integer, OnEmbeddings, false, "Length of each vector."},
		{EmbeddingsBatchSize, integer, OnEmbeddings, false, "Number of texts embedded by the call."},
		{IndexDocuments, integer, onChains, false, "On `ingest` and its `load`: documents that the loader gave."},
		{IndexSources, integer, onChains, false, "On `ingest`: sources they came from, such as files."},
		{IndexSourcesSkipped, integer, onChains, false, "On `ingest`: files that the loader passed over, hidden ones and those of other types."},
		{IndexSourcesFailed, integer, onChains, false, "On `ingest`: sources that could not be read; the others are stored."},
		{IndexChunksAdded, integer, onChains, false, "On `ingest`: chunks embedded and stored."},
		{IndexChunksUnchanged, integer, onChains, false, "On `ingest`: chunks that were stored before and are not embedded again."},
		{IndexChunksDeleted, integer, onChains, false, "On `ingest`: chunks deleted because their text is no longer there."},
		{IndexWait, double, OnTask, false, "On `load`: seconds it waited for batches to be stored. Close to the span's duration, the store or its embedder is what limits."},
		{DBSystemName, text, OnVectorStore | OnMetrics, false, "The database behind the vector store."},
		{DBOperationName, text, OnVectorStore | OnMetrics, false, "`add` or `search`; `list` or `delete` of an index."},
		{DBCollectionName, text, OnVectorStore | OnMetrics, false, "The collection, table or index."},
		{DBNamespace, text, OnVectorStore, false, "The name space given to the call, unless it names the collection."},
		{DBOperationBatchSize, integer, OnVectorStore, false, "Number of documents added or deleted, if more than one."},
		{DBReturnedRows, integer, OnVectorStore, false, "Number of documents the store returned."},
		{ServerAddress, text, onModels | onSearches | OnMetrics, false, "Host of the model's service or of the vector store, where it can be found out."},
		{ServerPort, integer, onModels | onSearches | OnMetrics, false, "Its port."},
		{HTTPResponseStatusCode, integer, onModels, false, "Status of a failed HTTP request, and of every one after it, with `models.NewTransport`."},
		{ErrorCode, text, onModels, false, "The provider's own code for the error, an identifier such as `insufficient_quota`, with `models.NewTransport`."},
		{HTTPAttempts, integer, onModels, false, "Number of HTTP requests the call took, with `models.NewTransport`."},
		{ErrorType, text, onEverySpan | OnMetrics | OnEvents, false, "What kind of error ended the operation; absent on success."},
		{ExceptionType, text, OnEvents, false, "Go type of the error, on the `exception` event of a failed span."},
		{ExceptionMessage, text, OnEvents, false, "The same text as the span's status description: facts, or the error's message under a policy (see [privacy](privacy.md))."},
		{SessionID, text, onEverySpan, false, "The session, if the context carries one."},
		{UserID, text, onEverySpan, false, "The user, if the context carries one."},
		{TraceloopWorkflowName, text, onEverySpan, false, "Name of the workflow around the operation."},
		{TraceloopSpanKind, text, onChains | OnAgent | OnTool, false, "`workflow`, `task`, `agent` or `tool`."},
		{TraceloopEntityName, text, onChains | OnAgent | OnTool | OnMetrics, false, "Name of the workflow, task, agent or tool."},
		{TraceloopEntityPath, text, OnTask | OnAgent | OnTool, false, "Names of the operations around it, below the workflow, joined by dots."},
		{TraceloopEntityInput, jsonText, onChains | OnAgent | OnEmbeddings | onSearches, true, "What the operation was given."},
		{TraceloopEntityOutput, jsonText, onChains | OnAgent | onSearches, true, "What the operation returned."},
		{InputValue, jsonText, onChains | OnAgent, true, "The same as `traceloop.entity.input`, where Phoenix looks for it."},
		{OutputValue, jsonText, onChains | OnAgent, true, "The same as `traceloop.entity.output`, where Phoenix looks for it."},
		{OpenInferenceSpanKind, text, onChains | OnAgent | OnRetrieval, false, "`CHAIN` or `RETRIEVER`, `AGENT` on an executor known by events only, for backends that cannot tell otherwise."},
		{CostTotal, double, OnWorkflow | OnAgent, false, "USD of all the model calls inside that have a price."},
		{CostUnpricedCalls, integer, OnWorkflow | OnAgent, false, "Number of model calls inside that have no price, and that `spanloom.cost.total` lacks."},
		{TotalInputTokens, integer, OnWorkflow | OnAgent, false, "Input tokens of all the model calls inside, cached ones included."},
		{TotalOutputTokens, integer, OnWorkflow | OnAgent, false, "Output tokens of all the model calls inside, reasoning included."},
		{TotalCacheRead, integer, OnWorkflow | OnAgent, false, "Of these, input tokens read from the provider's cache."},
		{TotalCacheCreation, integer, OnWorkflow | OnAgent, false, "Of these, input tokens written to the provider's cache."},
		{TotalReasoning, integer, OnWorkflow | OnAgent, false, "Of these, output tokens spent on reasoning."},
		{Incomplete, boolean, onChains | OnAgent | OnTool | OnChat | OnRetrieval, false, "True when the end of the operation was inferred (its duration is in no histogram then), or when a model's answer shows that it is not the whole."},
		{CacheHit, boolean, OnChat, false, "True when langchaingo's cache answered and the model was not asked; no usage is recorded."},
		{RetryAttempt, integer, OnEvents, false, "Number of the attempt to come, from 2."},
		{RetryWait, double, OnEvents, false, "Seconds until the attempt to come."},
		{TutorialModel, text, OnMetrics, false, "The model that was asked for, on the `llm_` metrics."},
		{TutorialStatus, text, OnMetrics, false, "`success` or `error`, on `llm_requests_total`."},
		{TutorialType, text, OnMetrics, false, "`prompt` or `completion`, on `llm_tokens_used`."},
	}
}
