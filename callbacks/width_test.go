// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/privacy"
)

// All calls are open at once, known by events alone, and none on a goroutine whose
// number is next to another's.
func TestManyOpenCallsKeepTheirTokens(t *testing.T) {
	calls := 10_000
	if testenv.Race {
		calls = 1000
	}
	r := newRig(t)
	allOpen := newBarrier(calls)
	var wg sync.WaitGroup
	for range calls {
		p := &provider{h: r, script: "SE", res: answer("ok", tokens), during: func(context.Context) { allOpen.wait() }}
		wg.Go(func() { assert.NoError(t, ask(context.Background(), p)) })
		for range 15 {
			wg.Go(func() {})
		}
	}
	wg.Wait()
	assert.Zero(t, r.open.Len())
	for _, p := range r.points("gen_ai.client.token.usage") {
		assert.Equal(t, uint64(calls), p.count)
	}
	for _, p := range r.points("gen_ai.client.operation.duration") {
		assert.Equal(t, uint64(calls), p.count, "what is abandoned has no duration")
	}
	assert.Len(t, r.points("gen_ai.client.operation.duration"), 1)
}

func TestAnOpenOperationTakesLittleMemory(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector keeps books of its own")
	}
	const calls, most = 5000, 1536
	h := sdkHandler(t, sdktrace.AlwaysSample(), privacy.None)
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what pools hold takes two
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var opened, ended sync.WaitGroup
	begin, end := make(chan struct{}), make(chan struct{})
	opened.Add(calls)
	for range calls {
		ended.Go(func() {
			<-begin
			h.HandleLLMStart(context.Background(), nil)
			opened.Done()
			<-end
			h.HandleLLMError(context.Background(), errBoom)
		})
	}
	before := heap()
	close(begin)
	opened.Wait()
	assert.Equal(t, calls, h.open.Len())
	each := (heap() - before) / calls // less than it is, if what other tests left was freed meanwhile
	close(end)
	ended.Wait()
	t.Logf("%d bytes for each open operation", each)
	assert.LessOrEqual(t, each, int64(most))
	assert.Zero(t, h.open.Len())
}
