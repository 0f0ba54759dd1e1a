// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/internal/correlate"
)

func TestRolesOfLangchaingo(t *testing.T) {
	const lc = "github.com/tmc/langchaingo/"
	tests := map[string]correlate.Role{
		"main.(*multi).HandleChainStart":                   correlate.StartEvent,
		"main.(*multi).HandleChainStart.func1":             correlate.StartEvent,
		"main.(*multi[...]).HandleLLMStart":                correlate.StartEvent,
		"main.(*multi).HandleChainStart-fm":                correlate.StartEvent,
		"gopkg.in/x.v2.multi.HandleToolError.func1":        correlate.EndEvent,
		lc + "callbacks.CombiningHandler.HandleText":       0,
		lc + "callbacks.CombiningHandler.HandleChainStart": correlate.StartEvent,
		lc + "chains.Call":                                 correlate.Emitter | correlate.RunsChain | correlate.ChainCaller,
		lc + "chains.callChain":                            correlate.Emitter,
		lc + "chains.StuffDocuments.Call":                  correlate.Emitter | correlate.RunsChain | correlate.Eventless,
		lc + "chains.LLMChain.Call":                        correlate.Emitter | correlate.RunsChain,
		lc + "llms/openai.(*LLM).Call":                     correlate.Emitter | correlate.RunsChain,
		"main.(*API).HandleChainStartup":                   0,
		"main.(*API).HandleToolCall":                       0,
		"main.(*m).GenerateContent":                        correlate.RunsModel,
		"main.(*m).GenerateContent.func1":                  0,
		"main.(*m[...]).Call":                              correlate.RunsChain,
		"main.(*ret).GetRelevantDocuments":                 correlate.RunsRetriever,
		"HandleChainStart.example/x.Prepare":               0,
		"":                                                 0,
	}
	for name, want := range tests {
		assert.Equal(t, want, langchaingoRole(name), name)
	}
}
