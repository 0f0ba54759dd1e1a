// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/metrics"
)

// SigNoz, Opik and OpenLIT add gen_ai.usage.* up over all spans of a trace. The counts
// are those of public reports: an agent's sum beside its calls' doubled them.
func TestAPlainSumOverSpansCountsEachCallOnce(t *testing.T) {
	run := func(opts ...Option) *rig {
		r := newRig(t, opts...)
		ctx, workflow := r.Start(context.Background(), KindWorkflow, "ask")
		agentCtx, agent := r.Start(ctx, KindAgent, "helper")
		_, first := r.Start(agentCtx, KindChat, "m1")
		first.SetUsage(metrics.Usage{Input: 100, Output: 10})
		first.End(nil)
		toolCtx, tool := r.Start(agentCtx, KindTool, "delegate")
		subCtx, sub := r.Start(toolCtx, KindAgent, "expert")
		_, second := r.Start(subCtx, KindChat, "m1")
		second.SetUsage(metrics.Usage{Input: 200, Output: 20})
		second.End(nil)
		sub.End(nil)
		tool.End(nil)
		agent.End(nil)
		_, embeddings := r.Start(ctx, KindEmbeddings, "m2")
		embeddings.SetUsage(metrics.Usage{Input: 7})
		embeddings.End(nil)
		workflow.End(nil)
		return r
	}

	r := run()
	sums := map[string]int{}
	for _, s := range r.rec.Spans() {
		for _, a := range s.Attributes() {
			if strings.HasPrefix(string(a.Key), "gen_ai.usage.") {
				n, _ := strconv.Atoi(a.Value.String())
				sums[string(a.Key)] += n
			}
		}
	}
	assert.Equal(t, map[string]int{"gen_ai.usage.input_tokens": 300 + 7, "gen_ai.usage.output_tokens": 30}, sums)
	for span, want := range map[string]string{"invoke_workflow ask": "307", "invoke_agent helper": "300", "invoke_agent expert": "200"} {
		assert.Equal(t, want, r.attrs(span)["spanloom.usage.input_tokens"], span)
	}
	assert.Equal(t, "1", r.attrs("invoke_agent helper")["spanloom.agent.iterations"], "the sub-agent's call is its own")

	strict := run(WithStrictSemConv())
	assert.Equal(t, "300", strict.attrs("invoke_agent helper")["gen_ai.usage.input_tokens"], "the registry has it")
	assert.NotContains(t, strict.attrs("invoke_workflow ask"), "gen_ai.usage.input_tokens", "the registry has none")
}
