// SPDX-License-Identifier: Apache-2.0

//go:build integration && backends

package backends

import (
	"encoding/hex"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/integration/internal/process"
)

// mlflowHeaders name the experiment that every MLflow has.
const mlflowHeaders = "x-mlflow-experiment-id=0"

// mlflowTypes are what MLflow shows a span as. It has no type for what writes to a store.
var mlflowTypes = map[string]any{
	"invoke_workflow": "CHAIN", "execute_task": "CHAIN", "invoke_agent": "AGENT", "chat": "CHAT_MODEL",
	"execute_tool": "TOOL", "retrieval": "RETRIEVER", "embeddings": "EMBEDDING", "add": nil, "list": nil,
}

type mlflow struct{ url string }

func startMLflow(t *testing.T) mlflow {
	t.Helper()
	addrs, err := process.FreeAddrs(1)
	require.NoError(t, err)
	u := url.URL{Scheme: "http", Host: addrs[0]}
	data := t.TempDir()
	start(t, "mlflow", "Application startup complete", []string{"MLFLOW_DISABLE_TELEMETRY=true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"},
		"server", "--host", "127.0.0.1", "--port", u.Port(), "--workers", "1",
		"--backend-store-uri", "sqlite:///"+filepath.Join(data, "mlflow.db"), "--artifacts-destination", data)
	return mlflow{u.String()}
}

// mlflowTrace is what its lists of traces and of sessions show.
type mlflowTrace struct {
	ID       string            `json:"trace_id"`
	State    string            `json:"state"`
	Request  string            `json:"request_preview"`
	Response string            `json:"response_preview"`
	Metadata map[string]string `json:"trace_metadata"`
}

// traces are the oldest first.
func (m mlflow) traces(t *testing.T) []mlflowTrace {
	t.Helper()
	var found struct{ Traces []mlflowTrace }
	askJSON(t, "POST", m.url+"/api/3.0/mlflow/traces/search", map[string]any{
		"locations":   []any{map[string]any{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": map[string]any{"experiment_id": "0"}}},
		"max_results": 100, "order_by": []string{"timestamp_ms ASC"},
	}, &found)
	return found.Traces
}

// spans are those of all traces, by their ids in hexadecimal.
func (m mlflow) spans(t *testing.T) map[string]*tracepb.Span {
	t.Helper()
	spans := map[string]*tracepb.Span{}
	for _, trace := range m.traces(t) {
		var found struct {
			Traces []struct{ Spans []json.RawMessage }
		}
		askJSON(t, "GET", m.url+"/api/3.0/mlflow/traces/batchGet?trace_ids="+trace.ID, nil, &found)
		for _, raw := range found.Traces[0].Spans {
			var span tracepb.Span
			require.NoError(t, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, &span), string(raw))
			spans[hex.EncodeToString(span.GetSpanId())] = &span
		}
	}
	return spans
}

func TestMLflow(t *testing.T) {
	backend := startMLflow(t)
	sent := newTee(t, backend.url)
	sent.runExamples(t, mlflowHeaders)
	got := backend.spans(t)
	assert.Len(t, got, len(sent.spans))
	priced := 0
	for id, want := range sent.spans {
		span := got[id]
		if !assert.NotNil(t, span, want.GetName()) {
			continue
		}
		assert.Equal(t, want.GetName(), span.GetName())
		assert.Equal(t, want.GetParentSpanId(), span.GetParentSpanId(), want.GetName())
		assert.Equal(t, want.GetStatus().GetMessage(), span.GetStatus().GetMessage(), "an error has its text")
		assert.Equal(t, exceptionOf(want), exceptionOf(span), "where MLflow's page reads it")
		operation := operationOf(want)
		if kind, known := mlflowTypes[operation]; known {
			assert.Equal(t, kind, value(span, "mlflow.spanType"), want.GetName())
		} else {
			assert.Contains(t, []any{nil, "RETRIEVER"}, value(span, "mlflow.spanType"), want.GetName())
		}
		if !slices.Contains([]string{"add", "list", "search"}, operation) {
			assert.Equal(t, inputOf(want), decodedText(value(span, "mlflow.spanInputs")), want.GetName())
			assert.Equal(t, outputOf(want), decodedText(value(span, "mlflow.spanOutputs")), want.GetName())
		}
		if operation != "chat" {
			continue
		}
		assertMessages(t, value(span, "mlflow.spanInputs"))
		if want.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR {
			continue
		}
		assertMessages(t, value(span, "mlflow.spanOutputs"))
		input, output := value(want, "gen_ai.usage.input_tokens").(float64), value(want, "gen_ai.usage.output_tokens").(float64)
		assert.Equal(t, map[string]any{"input_tokens": input, "output_tokens": output, "total_tokens": input + output}, value(span, "mlflow.chat.tokenUsage"))
		if cost, ok := value(span, "mlflow.llm.cost").(map[string]any); ok {
			priced++
			assert.InDelta(t, value(want, "gen_ai.usage.cost"), cost["total_cost"], 1e-12, "MLflow's own price list agrees")
		}
	}
	assert.Equal(t, 6, priced, "the calls of gpt-4o-mini, which MLflow knows")
	for _, trace := range backend.traces(t) {
		assert.Equal(t, trace.failed(got), trace.State == "ERROR", trace.ID)
	}
}

// decodedText decodes a text, which may be JSON, and leaves other values.
func decodedText(v any) any {
	if text, ok := v.(string); ok {
		return decoded(text)
	}
	return v
}

// exceptionOf is the message of the span's exception event, "" for none.
func exceptionOf(s *tracepb.Span) string {
	for _, event := range s.GetEvents() {
		if event.GetName() == "exception" {
			return stringOf(&tracepb.Span{Attributes: event.GetAttributes()}, "exception.message")
		}
	}
	return ""
}

// failed reports whether the trace's root failed.
func (tr mlflowTrace) failed(spans map[string]*tracepb.Span) bool {
	for _, s := range spans {
		if len(s.GetParentSpanId()) == 0 && "tr-"+hex.EncodeToString(s.GetTraceId()) == tr.ID {
			return s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR
		}
	}
	return false
}

// assertMessages: each has a role and parts with text, which MLflow shows as bubbles.
func assertMessages(t *testing.T, messages any) {
	t.Helper()
	list, ok := messages.([]any)
	if !assert.True(t, ok && len(list) > 0, "%v", messages) {
		return
	}
	for _, m := range list {
		message, _ := m.(map[string]any)
		assert.Contains(t, []any{"system", "user", "assistant", "tool"}, message["role"])
		parts, _ := message["parts"].([]any)
		assert.NotEmpty(t, parts)
	}
}

// With its destination, MLflow has the cost of models that it does not know.
func TestSessionInMLflow(t *testing.T) {
	backend := startMLflow(t)
	sent := newTee(t, backend.url)
	answers := sent.converse(t, mlflowHeaders, spanloom.WithDestination(spanloom.MLflow))
	costs := map[string]any{}
	for _, s := range sent.spans {
		if cost := value(s, "gen_ai.usage.cost"); cost != nil {
			costs["tr-"+hex.EncodeToString(s.GetTraceId())] = cost
		}
	}
	traces := backend.traces(t)
	require.Len(t, traces, len(questions))
	for i, trace := range traces {
		assert.Equal(t, session, trace.Metadata["mlflow.trace.session"])
		assert.Equal(t, user, trace.Metadata["mlflow.trace.user"])
		cost, _ := decoded(trace.Metadata["mlflow.trace.cost"]).(map[string]any)
		assert.Equal(t, costs[trace.ID], cost["total_cost"])
		assert.Equal(t, questions[i], decoded(trace.Request))
		assert.Equal(t, answers[i], decoded(trace.Response))
	}
}
