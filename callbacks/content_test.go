// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

const canary = "canary-7f3a9"

func upper(_, text string) string { return strings.ToUpper(text) }

// everyContent hands the canary to each kind in each type that langchaingo has
// for it, and through events.
func everyContent(r *rig, ctx context.Context) {
	human := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, canary)}
	docs := []schema.Document{{PageContent: canary, Metadata: map[string]any{"source": canary}}}
	for k := KindWorkflow; k <= KindVectorStore; k++ {
		for _, v := range []any{canary, []string{canary}, human, docs, answer(canary, nil), map[string]any{"q": canary}, struct{ Q string }{canary}} {
			_, s := r.Start(ctx, k, "x")
			s.SetInput(v)
			s.SetOutput(v)
			s.End(nil)
		}
	}
	chain := inChain(r, func(ctx context.Context) error {
		r.HandleLLMStart(ctx, []string{canary})
		r.HandleLLMGenerateContentEnd(ctx, answer(canary, nil))
		r.HandleLLMGenerateContentStart(ctx, human)
		r.HandleLLMGenerateContentEnd(ctx, answer(canary, nil))
		r.HandleToolStart(ctx, canary)
		r.HandleToolEnd(ctx, canary)
		r.HandleRetrieverStart(ctx, canary)
		r.HandleRetrieverEnd(ctx, canary, docs)
		r.HandleAgentAction(ctx, schema.AgentAction{Tool: "search", ToolInput: canary, Log: canary})
		r.HandleAgentFinish(ctx, schema.AgentFinish{ReturnValues: map[string]any{"output": canary}, Log: canary})
		return nil
	})
	if err := runChain(ctx, chain); err != nil {
		panic(err)
	}
}

func TestContentIsOffByDefault(t *testing.T) {
	r := newRig(t)
	everyContent(r, context.Background())
	assert.NotContains(t, r.everything(), canary)
}

func TestContentPolicies(t *testing.T) {
	const text = "write to bob@example.com"
	tests := []struct {
		name   string
		policy privacy.Policy
		want   string
	}{
		{"verbatim", privacy.Verbatim, text},
		{"redact", privacy.Redact, "write to [EMAIL]"},
		{"hash", privacy.Hash, "sha256:b7a9fb9ec7f78d46 (24)"},
		{"own", upper, "WRITE TO BOB@EXAMPLE.COM"},
		{"panicking", func(_, _ string) string { panic("policy") }, "[withheld]"},
		{"invalid UTF-8", func(_, _ string) string { return "a\xffb" }, "a�b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, WithContent(tt.policy))
			_, s := r.Start(context.Background(), KindTool, "search")
			s.SetInput(text)
			s.SetOutput(map[string]any{"out": text})
			s.End(nil)
			got := r.attrs("execute_tool search")
			assert.Equal(t, tt.want, got["gen_ai.tool.call.arguments"])
			assert.JSONEq(t, `{"out":"`+tt.want+`"}`, got["gen_ai.tool.call.result"])
		})
	}
}

func TestContentOverridePerContext(t *testing.T) {
	off, on := newRig(t), newRig(t, WithContent(privacy.Verbatim))
	_, s := off.Start(ContextWithContent(context.Background(), privacy.Verbatim), KindTask, "a")
	s.SetInput("text")
	s.End(nil)
	assert.Equal(t, "text", off.attrs("execute_task a")["traceloop.entity.input"])
	for name, p := range map[string]privacy.Policy{"a": privacy.None, "b": nil} {
		_, s = on.Start(ContextWithContent(context.Background(), p), KindTask, name)
		s.SetInput("text")
		s.End(nil)
		assert.NotContains(t, on.attrs("execute_task "+name), "traceloop.entity.input")
	}
	// The override holds for events as well.
	require.NoError(t, ask(ContextWithContent(context.Background(), privacy.None), &provider{h: on, script: "SE"}))
	assert.NotContains(t, on.attrs("chat"), "gen_ai.input.messages")
}

func TestContentAttributeOfEachKind(t *testing.T) {
	docs := []schema.Document{{PageContent: "page", Metadata: map[string]any{"id": "d1"}, Score: 0.5}}
	const rendered = `[{"id":"d1","score":0.5,"content":"page","metadata":{"id":"d1"}}]`
	const user = `[{"role":"user","parts":[{"type":"text","content":"q"}]}]`
	const assistant = `[{"role":"assistant","parts":[{"type":"text","content":"a"}],"finish_reason":""}]`
	tests := []struct {
		name    string
		kind    Kind
		in, out any
		want    map[string]string
	}{
		{"workflow", KindWorkflow, map[string]any{"q": "<ok>"}, "a", map[string]string{
			"traceloop.entity.input": `{"q":"<ok>"}`, "traceloop.entity.output": "a", "input.value": `{"q":"<ok>"}`, "output.value": "a",
			"gen_ai.input.messages":  `[{"role":"user","parts":[{"type":"text","content":"{\"q\":\"<ok>\"}"}]}]`,
			"gen_ai.output.messages": assistant,
		}},
		{"agent", KindAgent, "q", "a", map[string]string{
			"traceloop.entity.input": "q", "traceloop.entity.output": "a", "input.value": "q", "output.value": "a",
			"gen_ai.input.messages": user, "gen_ai.output.messages": assistant,
		}},
		{"embeddings", KindEmbeddings, []string{"q"}, nil, map[string]string{"traceloop.entity.input": `["q"]`}},
		{"chat", KindChat, []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "q")}, answer("a", nil), map[string]string{
			"gen_ai.input.messages":  user,
			"gen_ai.output.messages": `[{"role":"assistant","parts":[{"type":"text","content":"a"}],"finish_reason":"stop"}]`,
		}},
		{"chat by pointer", KindChat, &[]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "q")}, "a", map[string]string{
			"gen_ai.input.messages": user, "gen_ai.output.messages": assistant,
		}},
		{"messages of a task by pointer", KindTask, &[]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "q")}, "a", map[string]string{
			"traceloop.entity.input": user, "traceloop.entity.output": "a", "input.value": user, "output.value": "a",
		}},
		{"chat of strings", KindChat, "q", "a", map[string]string{"gen_ai.input.messages": user, "gen_ai.output.messages": assistant}},
		{"chat of prompts", KindChat, []string{"q"}, "a", map[string]string{"gen_ai.input.messages": user, "gen_ai.output.messages": assistant}},
		{"chat of another type", KindChat, struct{ Q string }{"q"}, "a", map[string]string{
			"gen_ai.input.messages":  `[{"role":"user","parts":[{"type":"text","content":"{\"Q\":\"q\"}"}]}]`,
			"gen_ai.output.messages": assistant,
		}},
		{"tool", KindTool, "q", "a", map[string]string{"gen_ai.tool.call.arguments": "q", "gen_ai.tool.call.result": "a"}},
		{"retrieval", KindRetrieval, "q", docs, map[string]string{
			"gen_ai.retrieval.query.text": "q", "traceloop.entity.input": "q",
			"gen_ai.retrieval.documents": rendered, "traceloop.entity.output": rendered,
		}},
		{"store", KindVectorStore, docs, nil, map[string]string{"gen_ai.retrieval.documents": rendered}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, WithContent(privacy.Verbatim))
			_, s := r.Start(context.Background(), tt.kind, "x")
			s.SetInput("replaced")
			s.SetInput(tt.in)
			s.SetOutput(tt.out)
			s.End(nil)
			got := map[string]string{}
			for _, a := range r.rec.Spans()[0].Attributes() {
				switch a.Key {
				case semconv.InputMessages, semconv.OutputMessages, semconv.ToolCallArguments, semconv.ToolCallResult,
					semconv.RetrievalQueryText, semconv.RetrievalDocuments, semconv.TraceloopEntityInput, semconv.TraceloopEntityOutput,
					semconv.InputValue, semconv.OutputValue:
					got[string(a.Key)] = a.Value.AsString()
				}
			}
			if tt.kind == KindVectorStore {
				delete(got, string(semconv.RetrievalQueryText)) // of the value replaced
				delete(got, string(semconv.TraceloopEntityInput))
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// Whatever the policy, pictures are described, also where they came as text.
func TestDataURLsInTextsAreDescribed(t *testing.T) {
	picture := "data:image/png;base64," + strings.Repeat("QUJD", 100)
	r := newRig(t, WithContent(privacy.Verbatim))
	_, s := r.Start(context.Background(), KindChat, "m1")
	s.SetInput([]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "see ![x]("+picture+")")})
	s.SetOutput("like " + picture)
	s.End(nil)
	assert.NotContains(t, r.everything(), "QUJDQUJD")
	assert.Contains(t, r.attrs("chat m1")["gen_ai.input.messages"], "![x](data:image/png;base64,[400 characters, sha256:")
}

func TestContentLimitCutsTextsAndKeepsTheJSON(t *testing.T) {
	const arabic = "مرحبا بالعالم الجميل"
	r := newRig(t, WithContent(privacy.Verbatim), WithContentLimit(8))
	_, s := r.Start(context.Background(), KindChat, "m1")
	s.SetInput([]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, arabic, "short")})
	s.End(nil)
	got := r.attrs("chat m1")["gen_ai.input.messages"]
	var messages []struct {
		Parts []struct{ Content string }
	}
	require.NoError(t, json.Unmarshal([]byte(got), &messages))
	cutText := messages[0].Parts[0].Content
	assert.Equal(t, "مرحبا ب…", cutText)
	assert.Equal(t, 8, utf8.RuneCountInString(cutText))
	assert.Equal(t, "short", messages[0].Parts[1].Content)
	assert.Contains(t, got, "مرحبا", "letters are not escaped")
}

// Whatever the text, the policy and the limit are: what a backend parses parses.
func FuzzContentIsJSON(f *testing.F) {
	policies := []privacy.Policy{
		privacy.Verbatim, privacy.Redact, privacy.Hash, upper,
		func(_, s string) string { return s + "\"}\xff\n" }, func(_, _ string) string { panic("no") }, func(_, _ string) string { return "" },
	}
	for i, s := range []string{"why?", `{"a":["b@example.com",4111111111111111]}`, `[1,`, "\xff\u2028", `{"a":{"a":"` + "\x00" + `"}}`} {
		f.Add(s, uint8(i), uint16(i*3))
	}
	f.Fuzz(func(t *testing.T, text string, policy uint8, limit uint16) {
		r := newRig(t, WithContent(policies[int(policy)%len(policies)]), WithContentLimit(int(limit)))
		call := llms.ToolCall{ID: "1", FunctionCall: &llms.FunctionCall{Name: "f", Arguments: text}}
		docs := []schema.Document{{PageContent: text, Metadata: map[string]any{"id": text, "m": []any{text}, text: 1}}}
		for kind, v := range map[Kind][2]any{
			KindChat: {
				[]llms.MessageContent{{Role: llms.ChatMessageTypeHuman, Parts: []llms.ContentPart{llms.TextContent{Text: text}, call, llms.ToolCallResponse{Content: text}, llms.ImageURLContent{URL: text}}}},
				&llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: text, ReasoningContent: text, ToolCalls: []llms.ToolCall{call}}}},
			},
			KindTask:      {map[string]any{"q": text, text: "q"}, []string{text}},
			KindTool:      {text, map[string]any{"q": text}},
			KindRetrieval: {text, docs},
		} {
			_, s := r.Start(context.Background(), kind, "x")
			s.SetInput(v[0])
			s.SetOutput(v[1])
			s.End(nil)
		}
		for _, s := range r.rec.Spans() {
			for _, a := range s.Attributes() {
				got := a.Value.String()
				if !utf8.ValidString(got) {
					t.Errorf("%s is not valid UTF-8: %q", a.Key, got)
				}
				switch a.Key {
				case semconv.RetrievalQueryText:
					continue // a text
				case semconv.ToolCallArguments:
					if !json.Valid([]byte(text)) || !strings.ContainsAny(text[:1], "{[") {
						continue
					}
				case semconv.TraceloopEntityInput:
					if s.Name() == "retrieval x" {
						continue
					}
				case semconv.InputMessages, semconv.OutputMessages, semconv.RetrievalDocuments, semconv.ToolCallResult, semconv.TraceloopEntityOutput:
				default:
					continue
				}
				if !json.Valid([]byte(got)) {
					t.Errorf("%s of %q is no JSON: %s", a.Key, text, got)
				}
			}
		}
	})
}

// The policy must see more of the text than is kept: half a card number is no card
// number any more, and would pass.
func TestPolicyRunsBeforeTheLimit(t *testing.T) {
	r := newRig(t, WithContent(privacy.Redact), WithContentLimit(12))
	_, s := r.Start(context.Background(), KindTool, "x")
	s.SetInput("no 4111 1111 1111 1111")
	s.End(nil)
	assert.Equal(t, "no [CREDIT_…", r.attrs("execute_tool x")["gen_ai.tool.call.arguments"])
}

// Enclosing chains write into the map that an event or a wrapper handed over,
// after the call and from their own goroutine: langchaingo's LLMMath adds its
// answer. Run with -race.
func TestContentIsReadBeforeSetReturns(t *testing.T) {
	for _, p := range []privacy.Policy{privacy.None, privacy.Verbatim} {
		r := newRig(t, WithContent(p))
		m := map[string]any{"q": "before", "docs": []string{"one"}}
		_, s := r.Start(context.Background(), KindTask, "x")
		s.SetInput(m)
		s.SetOutput(m)
		done := make(chan struct{})
		go func() {
			defer close(done)
			m["q"] = "after"
			m["docs"].([]string)[0] = "after"
		}()
		s.End(nil)
		<-done
		assert.NotContains(t, r.everything(), "after")
		if p.Records() {
			assert.JSONEq(t, `{"q":"before","docs":["one"]}`, r.attrs("execute_task x")["traceloop.entity.input"])
		}
	}
}

func TestContentOfASpanIsBounded(t *testing.T) {
	const size = 8 << 10
	r := newRig(t, WithContent(privacy.Verbatim), WithContentSize(size), WithContentLimit(0))
	huge := strings.Repeat("page ", 1<<20)
	docs := make([]schema.Document, 1000)
	ids := make([]string, len(docs))
	for i := range docs {
		docs[i].PageContent, ids[i] = "short", strings.Repeat("i", 40)
	}
	for kind, values := range map[Kind][]any{
		KindChat:        {[]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, huge)}, []llms.Tool{{Type: huge}}, content.StopWords{huge, huge}, answer(huge, nil)},
		KindVectorStore: {huge, docs, content.Filter{Value: map[string]any{"f": huge}}, &content.Added{Docs: docs, IDs: ids}},
		KindRetrieval:   {huge, docs, []string{huge, huge}, docs},
		KindTask:        {huge, map[string]any{huge: huge}, []any{huge, huge}, docs},
	} {
		_, s := r.Start(context.Background(), kind, "x")
		for range 3 {
			for _, v := range values {
				s.SetInput(v)
				s.SetOutput(v)
			}
		}
		s.End(nil)
	}
	for _, s := range r.rec.Spans() {
		total := 0
		for _, a := range s.Attributes() {
			n := len(a.Value.String())
			assert.LessOrEqual(t, n, size, "%s %s", s.Name(), a.Key)
			total += n
		}
		assert.LessOrEqual(t, total, 4*size+1024, s.Name())
	}
	_, err := NewHandler(WithContentSize(100))
	require.ErrorContains(t, err, "use at least 4096")
}
