// SPDX-License-Identifier: Apache-2.0

// Package semconv names everything Spanloom emits: attribute keys, span names,
// metric names and bucket boundaries. It is the only importer of
// OpenTelemetry's semconv packages, so that a new generation of the GenAI
// conventions is a change in one folder.
//
// The keys follow the GenAI conventions at the commit their conformance suite
// pins ("generation B"); v1.41.0 is the last Go package that still carries
// gen_ai constants, so newer keys are spelled by hand.
package semconv

import (
	"go.opentelemetry.io/otel/attribute"
	otelsemconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// SchemaURL is the schema the instrumentation scope announces.
const SchemaURL = otelsemconv.SchemaURL

// ScopeName is the instrumentation scope of every tracer and meter.
const ScopeName = "github.com/spanloom/spanloom"

// Keys of the OpenTelemetry registry.
const (
	OperationName          = otelsemconv.GenAIOperationNameKey
	ProviderName           = otelsemconv.GenAIProviderNameKey
	RequestModel           = otelsemconv.GenAIRequestModelKey
	RequestTemperature     = otelsemconv.GenAIRequestTemperatureKey
	RequestTopP            = otelsemconv.GenAIRequestTopPKey
	RequestTopK            = otelsemconv.GenAIRequestTopKKey
	RequestMaxTokens       = otelsemconv.GenAIRequestMaxTokensKey
	RequestStopSequences   = otelsemconv.GenAIRequestStopSequencesKey
	RequestFrequency       = otelsemconv.GenAIRequestFrequencyPenaltyKey
	RequestPresence        = otelsemconv.GenAIRequestPresencePenaltyKey
	RequestSeed            = otelsemconv.GenAIRequestSeedKey
	RequestChoiceCount     = otelsemconv.GenAIRequestChoiceCountKey
	RequestStream          = otelsemconv.GenAIRequestStreamKey
	OutputType             = otelsemconv.GenAIOutputTypeKey
	ResponseID             = otelsemconv.GenAIResponseIDKey
	ResponseModel          = otelsemconv.GenAIResponseModelKey
	ResponseFinishReasons  = otelsemconv.GenAIResponseFinishReasonsKey
	TimeToFirstChunk       = otelsemconv.GenAIResponseTimeToFirstChunkKey
	UsageInputTokens       = otelsemconv.GenAIUsageInputTokensKey
	UsageOutputTokens      = otelsemconv.GenAIUsageOutputTokensKey
	UsageCacheRead         = otelsemconv.GenAIUsageCacheReadInputTokensKey
	UsageCacheCreation     = otelsemconv.GenAIUsageCacheCreationInputTokensKey
	UsageReasoning         = otelsemconv.GenAIUsageReasoningOutputTokensKey
	TokenType              = otelsemconv.GenAITokenTypeKey
	InputMessages          = otelsemconv.GenAIInputMessagesKey
	OutputMessages         = otelsemconv.GenAIOutputMessagesKey
	ToolDefinitions        = otelsemconv.GenAIToolDefinitionsKey
	ToolName               = otelsemconv.GenAIToolNameKey
	ToolType               = otelsemconv.GenAIToolTypeKey
	ToolDescription        = otelsemconv.GenAIToolDescriptionKey
	ToolCallID             = otelsemconv.GenAIToolCallIDKey
	ToolCallArguments      = otelsemconv.GenAIToolCallArgumentsKey
	ToolCallResult         = otelsemconv.GenAIToolCallResultKey
	AgentName              = otelsemconv.GenAIAgentNameKey
	WorkflowName           = otelsemconv.GenAIWorkflowNameKey
	ConversationID         = otelsemconv.GenAIConversationIDKey
	DataSourceID           = otelsemconv.GenAIDataSourceIDKey
	RetrievalQueryText     = otelsemconv.GenAIRetrievalQueryTextKey
	RetrievalDocuments     = otelsemconv.GenAIRetrievalDocumentsKey
	EmbeddingsDimensions   = otelsemconv.GenAIEmbeddingsDimensionCountKey
	ErrorType              = otelsemconv.ErrorTypeKey
	ExceptionType          = otelsemconv.ExceptionTypeKey
	ExceptionMessage       = otelsemconv.ExceptionMessageKey
	ServerAddress          = otelsemconv.ServerAddressKey
	ServerPort             = otelsemconv.ServerPortKey
	HTTPResponseStatusCode = otelsemconv.HTTPResponseStatusCodeKey
	SessionID              = otelsemconv.SessionIDKey
	UserID                 = otelsemconv.UserIDKey
	DBSystemName           = otelsemconv.DBSystemNameKey
	DBOperationName        = otelsemconv.DBOperationNameKey
	DBCollectionName       = otelsemconv.DBCollectionNameKey
	DBNamespace            = otelsemconv.DBNamespaceKey
	DBOperationBatchSize   = otelsemconv.DBOperationBatchSizeKey
	DBReturnedRows         = otelsemconv.DBResponseReturnedRowsKey

	// RetrievalTopK is newer than the Go constants.
	RetrievalTopK = attribute.Key("gen_ai.retrieval.top_k")
)

// Keys outside the registry. [InRegistry] is false for each of them, and
// strict mode leaves them out.
const (
	TraceloopSpanKind     = attribute.Key("traceloop.span.kind")
	TraceloopEntityName   = attribute.Key("traceloop.entity.name")
	TraceloopEntityPath   = attribute.Key("traceloop.entity.path")
	TraceloopEntityInput  = attribute.Key("traceloop.entity.input")
	TraceloopEntityOutput = attribute.Key("traceloop.entity.output")
	TraceloopWorkflowName = attribute.Key("traceloop.workflow.name")
	OpenInferenceSpanKind = attribute.Key("openinference.span.kind")
	InputValue            = attribute.Key("input.value")
	OutputValue           = attribute.Key("output.value")
	UsageCost             = attribute.Key("gen_ai.usage.cost")

	// CostTotal is apart from UsageCost: backends add that up over all spans.
	CostTotal         = attribute.Key("spanloom.cost.total")
	CostUnpricedCalls = attribute.Key("spanloom.cost.unpriced_calls")

	// TotalInputTokens and the like are apart from UsageInputTokens for the same reason.
	TotalInputTokens   = attribute.Key("spanloom.usage.input_tokens")
	TotalOutputTokens  = attribute.Key("spanloom.usage.output_tokens")
	TotalCacheRead     = attribute.Key("spanloom.usage.cache_read.input_tokens")
	TotalCacheCreation = attribute.Key("spanloom.usage.cache_creation.input_tokens")
	TotalReasoning     = attribute.Key("spanloom.usage.reasoning.output_tokens")

	// Incomplete marks an operation that something other than its own end
	// event closed; its duration is not in the histograms.
	Incomplete = attribute.Key("spanloom.incomplete")

	RetrievalDocumentCount = attribute.Key("spanloom.retrieval.document_count")
	RetrievalBestScore     = attribute.Key("spanloom.retrieval.best_score")
	RetrievalWorstScore    = attribute.Key("spanloom.retrieval.worst_score")
	RetrievalThreshold     = attribute.Key("spanloom.retrieval.score_threshold")
	RetrievalFiltered      = attribute.Key("spanloom.retrieval.filtered")
	RetrievalFilters       = attribute.Key("spanloom.retrieval.filters")
	EmbeddingsBatchSize    = attribute.Key("spanloom.embeddings.batch_size")
	AgentIterations        = attribute.Key("spanloom.agent.iterations")
	AgentToolCalls         = attribute.Key("spanloom.agent.tool_calls")
	IndexDocuments         = attribute.Key("spanloom.index.documents")
	IndexSources           = attribute.Key("spanloom.index.sources")
	IndexSourcesSkipped    = attribute.Key("spanloom.index.sources_skipped")
	IndexSourcesFailed     = attribute.Key("spanloom.index.sources_failed")
	IndexChunksAdded       = attribute.Key("spanloom.index.chunks_added")
	IndexChunksUnchanged   = attribute.Key("spanloom.index.chunks_unchanged")
	IndexChunksDeleted     = attribute.Key("spanloom.index.chunks_deleted")
	IndexWait              = attribute.Key("spanloom.index.wait")
	ErrorCode              = attribute.Key("spanloom.error.code")
	HTTPAttempts           = attribute.Key("spanloom.http.attempts")
	CacheHit               = attribute.Key("spanloom.cache.hit")
	RetryAttempt           = attribute.Key("spanloom.retry.attempt")
	RetryWait              = attribute.Key("spanloom.retry.wait")

	// Labels of the metrics that metrics.WithTutorialMetrics adds.
	TutorialModel  = attribute.Key("model")
	TutorialStatus = attribute.Key("status")
	TutorialType   = attribute.Key("type")
)

// Values of TutorialStatus and TutorialType.
const (
	TutorialSuccess    = "success"
	TutorialError      = "error"
	TutorialPrompt     = "prompt"
	TutorialCompletion = "completion"
)

// ExceptionEvent is the name of the event by which backends know an error.
const ExceptionEvent = "exception"

// ResponseHeaderPrefix is put before the lower-case name of a header; the
// convention has a list of values behind it.
const ResponseHeaderPrefix = "http.response.header."

// ResponseHeader is the attribute of a header with one value.
func ResponseHeader(name, value string) attribute.KeyValue {
	return attribute.Key(ResponseHeaderPrefix + name).StringSlice([]string{value})
}

// AssociationPrefix is put before the key of an association property.
const AssociationPrefix = "traceloop.association.properties."

// Values of OperationName.
const (
	OperationChat           = "chat"
	OperationEmbeddings     = "embeddings"
	OperationRetrieval      = "retrieval"
	OperationInvokeAgent    = "invoke_agent"
	OperationExecuteTool    = "execute_tool"
	OperationInvokeWorkflow = "invoke_workflow"
)

// Values of TokenType.
const (
	TokenInput  = "input"
	TokenOutput = "output"
)
