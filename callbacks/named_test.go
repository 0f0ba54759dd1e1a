// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
)

func TestAsNamesTheChain(t *testing.T) {
	r := newRig(t)
	p := &provider{h: r, script: "SE"}
	require.NoError(t, runChain(context.Background(), inChain(r.As(KindTask, "outer"), func(ctx context.Context) error {
		return errors.Join(
			runChain(ctx, llmChain(p, r.As(KindTask, "summarise"))),
			runChain(ctx, llmChain(p, r.As(KindAgent, "helper"))),
		)
	})))
	assert.Equal(t, `invoke_workflow outer
├─ execute_task summarise
│  └─ chat
└─ invoke_agent helper
   └─ chat
`, r.tree())
	assert.Equal(t, "outer", r.attrs("execute_task summarise")["traceloop.workflow.name"])
}

func TestAsNamesTheModel(t *testing.T) {
	r := newRig(t)
	h := r.As(KindChat, "gpt-4o")
	for _, script := range []string{"SE", "sE"} {
		r.rec.Reset()
		require.NoError(t, runChain(context.Background(), llmChain(&provider{h: h, script: script, res: answer("ok", tokens)}, h)))
		assert.Equal(t, "invoke_workflow chain\n└─ chat gpt-4o\n", r.tree())
		assert.Equal(t, "gpt-4o", r.attrs("chat gpt-4o")["gen_ai.request.model"])
	}
	r.rec.Reset()
	ctx, s := r.Start(context.Background(), KindChat, "of the wrapper")
	require.NoError(t, ask(ctx, &provider{h: h, script: "SE"}))
	s.End(nil)
	assert.Equal(t, "chat of the wrapper\n", r.tree())
}

func TestAsKeepsTheUsersHandler(t *testing.T) {
	r := newRig(t)
	var order []string
	theirs := &listener{heard: &order, tree: r.tree}
	h := r.As(KindTask, "mine", lccallbacks.CombiningHandler{Callbacks: []lccallbacks.Handler{r.Handler, theirs}})
	require.NoError(t, runChain(context.Background(), llmChain(&provider{h: r, script: "SE"}, h)))
	assert.Equal(t, "invoke_workflow mine\n└─ chat\n", r.tree(), "one span for one chain")
	assert.Equal(t, []string{"and 1 open\n"}, order, "the span is open when the user's handler hears of the start")
}

type listener struct {
	lccallbacks.SimpleHandler
	heard *[]string
	tree  func() string
}

func (l *listener) HandleChainStart(context.Context, map[string]any) {
	*l.heard = append(*l.heard, l.tree())
}
