// SPDX-License-Identifier: Apache-2.0

//go:build integration && backends

package backends

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/integration/internal/process"
)

// phoenixKinds are what Phoenix shows a span as. It has no kind for a store's writes and
// lists, and calls them what it can.
var phoenixKinds = map[string]string{
	"invoke_workflow": "CHAIN", "execute_task": "CHAIN", "invoke_agent": "AGENT", "chat": "LLM",
	"execute_tool": "TOOL", "retrieval": "RETRIEVER", "search": "RETRIEVER", "embeddings": "EMBEDDING",
}

type phoenix struct{ url string }

func startPhoenix(t *testing.T) phoenix {
	t.Helper()
	addrs, err := process.FreeAddrs(2)
	require.NoError(t, err)
	u, grpc := url.URL{Scheme: "http", Host: addrs[0]}, url.URL{Host: addrs[1]}
	start(t, "phoenix", "Uvicorn running on", []string{
		"PHOENIX_HOST=127.0.0.1", "PHOENIX_PORT=" + u.Port(), "PHOENIX_GRPC_PORT=" + grpc.Port(),
		"PHOENIX_WORKING_DIR=" + t.TempDir(), "PHOENIX_TELEMETRY_ENABLED=false",
	}, "serve")
	return phoenix{u.String()}
}

type phoenixSpan struct {
	Name    string
	Kind    string `json:"span_kind"`
	Parent  string `json:"parent_id"`
	Status  string `json:"status_code"`
	Message string `json:"status_message"`
	Context struct {
		ID string `json:"span_id"`
	}
	Attributes map[string]any
}

// spans are n spans by their ids: Phoenix stores them after it has answered.
func (p phoenix) spans(t *testing.T, n int) map[string]phoenixSpan {
	t.Helper()
	spans := map[string]phoenixSpan{}
	require.Eventually(t, func() bool {
		var found struct{ Data []phoenixSpan }
		askJSON(t, "GET", p.url+"/v1/projects/default/spans?limit=1000", nil, &found)
		for _, s := range found.Data {
			spans[s.Context.ID] = s
		}
		return len(spans) >= n
	}, time.Minute, 200*time.Millisecond)
	return spans
}

// query asks Phoenix's own API for fields of its one project.
func (p phoenix) query(t *testing.T, fields string, node any) {
	t.Helper()
	var found struct {
		Data struct {
			Projects struct {
				Edges []struct{ Node json.RawMessage }
			}
		}
	}
	askJSON(t, "POST", p.url+"/graphql", map[string]string{"query": "{projects{edges{node{" + fields + "}}}}"}, &found)
	require.Len(t, found.Data.Projects.Edges, 1)
	require.NoError(t, json.Unmarshal(found.Data.Projects.Edges[0].Node, node))
}

// costs are what Phoenix reckons with its own prices, by the spans' ids.
func (p phoenix) costs(t *testing.T) map[string]float64 {
	t.Helper()
	var project struct {
		Spans struct {
			Edges []struct {
				Node struct {
					SpanID      string
					CostSummary struct{ Total struct{ Cost *float64 } }
				}
			}
		}
	}
	p.query(t, "spans(first:1000){edges{node{spanId costSummary{total{cost}}}}}", &project)
	costs := map[string]float64{}
	for _, edge := range project.Spans.Edges {
		if cost := edge.Node.CostSummary.Total.Cost; cost != nil && *cost > 0 {
			costs[edge.Node.SpanID] = *cost
		}
	}
	return costs
}

func TestPhoenix(t *testing.T) {
	backend := startPhoenix(t)
	sent := newTee(t, backend.url)
	sent.runExamples(t, "")
	got := backend.spans(t, len(sent.spans))
	assert.Len(t, got, len(sent.spans))
	for id, want := range sent.spans {
		span := got[id]
		assert.Equal(t, want.GetName(), span.Name)
		assert.Equal(t, fmt.Sprintf("%x", want.GetParentSpanId()), span.Parent, want.GetName())
		operation := operationOf(want)
		if kind, known := phoenixKinds[operation]; known {
			assert.Equal(t, kind, span.Kind, want.GetName())
		}
		failed := want.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR
		assert.Equal(t, failed, span.Status == "ERROR", want.GetName())
		assert.Equal(t, want.GetStatus().GetMessage(), span.Message)
		switch operation {
		case "chat":
			assertPhoenixMessages(t, inputOf(want), span, "llm.input_messages")
			if !failed {
				assertPhoenixMessages(t, outputOf(want), span, "llm.output_messages")
				assert.Equal(t, value(want, "gen_ai.usage.input_tokens"), span.Attributes["llm.token_count.prompt"])
				assert.Equal(t, value(want, "gen_ai.usage.output_tokens"), span.Attributes["llm.token_count.completion"])
			}
		case "retrieval", "search":
			assert.Equal(t, value(want, "gen_ai.retrieval.query.text"), span.Attributes["input.value"])
			documents, _ := decoded(stringOf(want, "gen_ai.retrieval.documents")).([]any)
			assert.NotEmpty(t, documents)
			for i, d := range documents {
				document, _ := d.(map[string]any)
				assert.Equal(t, document["content"], span.Attributes[fmt.Sprintf("retrieval.documents.%d.document.content", i)])
			}
		case "execute_tool":
			assert.Equal(t, value(want, "gen_ai.tool.call.arguments"), span.Attributes["tool.parameters"])
			assert.Equal(t, value(want, "gen_ai.tool.call.result"), span.Attributes["output.value"])
		}
	}
	const priced = 6 // the calls of gpt-4o-mini, which Phoenix knows
	require.Eventually(t, func() bool { return len(backend.costs(t)) == priced }, time.Minute, 200*time.Millisecond)
	for id, cost := range backend.costs(t) {
		assert.InDelta(t, value(sent.spans[id], "gen_ai.usage.cost"), cost, 1e-12, "Phoenix' own price list agrees")
	}
}

// assertPhoenixMessages: each message of one text is a bubble with that text.
func assertPhoenixMessages(t *testing.T, messages any, span phoenixSpan, key string) {
	t.Helper()
	list, _ := messages.([]any)
	assert.NotEmpty(t, list)
	for i, m := range list {
		message, _ := m.(map[string]any)
		parts, _ := message["parts"].([]any)
		require.Len(t, parts, 1, "the examples' messages have one text")
		part, _ := parts[0].(map[string]any)
		prefix := fmt.Sprintf("%s.%d.message.", key, i)
		assert.Equal(t, message["role"], span.Attributes[prefix+"role"])
		assert.Equal(t, part["content"], span.Attributes[prefix+"content"])
	}
}

// With its destination, a workflow has its input and output, and so has a session.
func TestSessionInPhoenix(t *testing.T) {
	backend := startPhoenix(t)
	sent := newTee(t, backend.url)
	answers := sent.converse(t, "", spanloom.WithDestination(spanloom.Phoenix))
	asked := map[any]any{}
	for _, s := range backend.spans(t, len(sent.spans)) {
		if s.Kind == "CHAIN" {
			asked[s.Attributes["input.value"]] = s.Attributes["output.value"]
		}
		assert.Equal(t, session, s.Attributes["session.id"])
		assert.Equal(t, user, s.Attributes["user.id"])
	}
	assert.Equal(t, map[any]any{questions[0]: answers[0], questions[1]: answers[1]}, asked)
	type text struct{ Value string }
	var project struct {
		Sessions struct {
			Edges []struct {
				Node struct {
					SessionID              string
					FirstInput, LastOutput text
				}
			}
		}
	}
	backend.query(t, "sessions(first:10){edges{node{sessionId firstInput{value} lastOutput{value}}}}", &project)
	require.Len(t, project.Sessions.Edges, 1)
	got := project.Sessions.Edges[0].Node
	assert.Equal(t, session, got.SessionID)
	assert.Equal(t, questions[0], got.FirstInput.Value)
	assert.Equal(t, answers[1], got.LastOutput.Value)
}
