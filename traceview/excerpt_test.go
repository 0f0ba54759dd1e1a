// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/traceview"
)

func TestTreeTellsTwinsApart(t *testing.T) {
	for _, policy := range []privacy.Policy{privacy.Verbatim, privacy.None} {
		k := oteltest.New(t, callbacks.WithContent(policy))
		for _, question := range []string{"Who repairs\n a lamp?", "كم تبلغ مدة الضمان؟", "保修期有多长时间？保修期有多长时间？保修期有多长时间？"} {
			ctx, flow := k.Handler.Start(t.Context(), callbacks.KindWorkflow, "ask")
			flow.SetInput(question)
			_, search := k.Handler.Start(ctx, callbacks.KindRetrieval, "docs")
			search.SetInput(question)
			search.End(nil)
			flow.End(nil)
		}
		want := strings.TrimPrefix(`
invoke_workflow ask  "Who repairs a lamp?"
└─ retrieval docs

invoke_workflow ask  "`+"\u2068كم تبلغ مدة الضمان؟\u2069"+`"
└─ retrieval docs

invoke_workflow ask  "保修期有多长时间？保修期有多长时间？保…"
└─ retrieval docs
`, "\n")
		if policy("", "content") == "" {
			want = strings.TrimSuffix(strings.Repeat("invoke_workflow ask\n└─ retrieval docs\n\n", 3), "\n")
		}
		assert.Equal(t, want, tree(t, k.Spans.Spans(), traceview.WithoutTimes()))
	}
}

func TestExcerptFitsTheScreen(t *testing.T) {
	spans := []sdktrace.ReadOnlySpan{span("s", attribute.String("input.value", "كم تبلغ مدة الضمان من تاريخ الشراء"))}
	for width, want := range map[int]string{0: "كم تبلغ مدة الضمان من تاريخ الشراء", 26: "كم تبلغ مدة الضمان م…", 15: "كم تبلغ م…", 14: ""} {
		if want != "" {
			want = "  \"\u2068" + want + "\u2069\""
		}
		assert.Equal(t, "s"+want+"\n", tree(t, spans, traceview.WithoutTimes(), traceview.WithWidth(width)), width)
	}
}

func TestExcerpt(t *testing.T) {
	for _, tc := range []struct{ key, value, want string }{
		{"gen_ai.retrieval.query.text", "a question", `"a question"`},
		{"traceloop.entity.input", `{"input_documents":[{"PageContent":"x"}],"question":"why?"}`, `"why?"`},
		{"traceloop.entity.input", `["one text","another"]`, `"one text"`},
		{"traceloop.entity.input", `42`, `"42"`},
		{"traceloop.entity.input", `{"a":1,"b":`, `"{"a":1,"b":"`},
		{"gen_ai.tool.call.arguments", `{"city":"Paris"}`, `"Paris"`},
		{"gen_ai.tool.call.arguments", `{"x":1,"y":2}`, `"{"x":1,"y":2}"`},
		{"gen_ai.input.messages", `[{"role":"user","parts":[{"type":"text","content":"first"}]},{"role":"user","parts":[{"type":"text","content":"last"}]},{"role":"tool","parts":[{"type":"tool_call_response","response":"r"}]}]`, `"last"`},
		{"gen_ai.prompt.0.content", "no role", ""},
		{"traceloop.entity.input", strings.Repeat("é", 2000), `"` + strings.Repeat("é", 39) + `…"`},
		{"traceloop.entity.output", "an answer", ""},
	} {
		out := tree(t, []sdktrace.ReadOnlySpan{span("s", attribute.String(tc.key, tc.value))}, traceview.WithoutTimes())
		assert.Equal(t, strings.TrimSpace("s  "+tc.want), strings.TrimSpace(out), tc.value)
	}
}
