// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/internal/testenv"
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
