// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// Steps in one another's contexts, at any depth, do the work of the first ones: no
// longer path, no more allocations, and no walk over what encloses them.
func TestDepthCostsNothing(t *testing.T) {
	const depth = 10_000
	for name, ahead := range map[string]int{"ended before the next": 0, "ended after the next began": 1, "all open": depth} {
		t.Run(name, func(t *testing.T) {
			h := sdkHandler(t, sdktrace.AlwaysSample(), privacy.None)
			ctx, root := h.Start(context.Background(), KindWorkflow, "w")
			var steps []*Span
			for range depth {
				next, s := h.Start(ctx, KindTask, "step")
				steps, ctx = append(steps, s), next
				if n := len(steps) - 1 - ahead; n >= 0 {
					steps[n].End(nil)
				}
			}
			call := func(ctx context.Context) *Span {
				_, s := h.Start(ctx, KindChat, "gpt-4o", semconv.ProviderName.String("openai"))
				s.SetUsage(metrics.Usage{Input: 1_000_000})
				s.End(nil)
				return s
			}
			deep := call(ctx)
			assert.LessOrEqual(t, len(deep.path), maxPath+len("step."), "bytes of the path")
			assert.LessOrEqual(t, openAncestors(deep), 2, "operations that the end looks at")
			assert.Positive(t, root.cost)
			if !testenv.Race {
				first := testing.AllocsPerRun(100, func() { call(&root.ctx) })
				assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { call(ctx) }), first)
			}
			for _, s := range steps {
				s.End(nil)
			}
			root.End(nil)
		})
	}
}

// openAncestors counts the operations that the end of s adds to or passes.
func openAncestors(s *Span) (n int) {
	for p := s.above.Load(); p != nil; p = p.above.Load() {
		n++
	}
	return n
}
