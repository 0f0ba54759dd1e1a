// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFallbackAfterPanicIsNotBelowTheDeadChain(t *testing.T) {
	const want = "invoke_workflow chain  (incomplete)\n└─ chat  (incomplete)\ninvoke_workflow chain\n└─ chat\n"
	ctx := context.Background()
	for name, run := range map[string]func(failing, fallback func()){
		"closure": func(failing, fallback func()) {
			defer func() {
				if recover() != nil {
					fallback()
				}
			}()
			failing()
		},
		"before recover": func(failing, fallback func()) {
			defer func() {
				fallback()
				_ = recover()
			}()
			failing()
		},
		"nested panic": func(failing, fallback func()) {
			defer func() {
				_ = recover()
				fallback()
			}()
			defer func() { panic("another") }()
			failing()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			run(func() { _ = runChain(ctx, llmChain(&provider{h: r, script: "SP"}, r)) },
				func() { require.NoError(t, runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r))) })
			assert.Equal(t, want, r.tree())
			assert.Zero(t, r.open.Len())
		})
	}
}

// What a deferred function does belongs to the operation around the function that
// deferred it, if that still runs.
func TestFallbackInsideAChainStaysThere(t *testing.T) {
	r := newRig(t)
	fallback := llmChain(&provider{h: r, script: "SE"}, r)
	require.NoError(t, runChain(context.Background(), inChain(r, func(ctx context.Context) (err error) {
		defer func() {
			_ = recover()
			err = runChain(ctx, fallback)
		}()
		return runChain(ctx, llmChain(&provider{h: r, script: "SP"}, r))
	})))
	assert.Equal(t, `invoke_workflow chain
├─ execute_task chain  (incomplete)
│  └─ chat  (incomplete)
└─ execute_task chain
   └─ chat
`, r.tree())
}

func TestDeferredCallsOfGoexit(t *testing.T) {
	r := newRig(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { assert.NoError(t, runChain(t.Context(), llmChain(&provider{h: r, script: "SE"}, r))) }()
		_ = runChain(t.Context(), llmChain(&provider{h: r, script: "S", during: func(context.Context) { runtime.Goexit() }}, r))
	}()
	<-done
	assert.Equal(t, "invoke_workflow chain  (incomplete)\n└─ chat  (incomplete)\ninvoke_workflow chain\n└─ chat\n", r.tree())
}
