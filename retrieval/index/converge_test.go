// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIndexConverges changes folders at random, lets the embedder fail at
// random, and compares with what a fresh index would hold.
func TestIndexConverges(t *testing.T) {
	for name, setup := range incremental(t) {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(15) {
				r := rand.New(rand.NewPCG(seed, 1))
				b, now := setup(), texts{}
				var before []string
				for range 6 {
					change(r, now)
					var mu sync.Mutex
					failures := 0
					b.embedder.before = func(context.Context, int) error {
						mu.Lock()
						defer mu.Unlock()
						if failures < 3 && r.IntN(4) == 0 {
							failures++
							return errors.New("quota")
						}
						return nil
					}
					var err error
					for range 5 {
						if _, err = b.Sync(t.Context(), now); err == nil || !strings.Contains(err.Error(), "quota") {
							break
						}
					}
					require.NoError(t, err)
					want := []string{}
					for source, text := range now {
						for line := range strings.SplitSeq(text, "\n") {
							if line != "" {
								want = append(want, source+": "+line)
							}
						}
					}
					slices.Sort(want)
					require.Equal(t, want, b.held())
					require.Len(t, b.embedder.embedded(), len(without(want, before)), "each new chunk is embedded once")
					before = want
				}
			}
		})
	}
}

func change(r *rand.Rand, f texts) {
	for range 1 + r.IntN(4) {
		source := fmt.Sprint("s", r.IntN(6))
		if r.IntN(4) == 0 && len(f) > 1 {
			delete(f, source)
			continue
		}
		var text []string
		for range r.IntN(6) {
			text = append(text, fmt.Sprint("line ", r.IntN(8)))
		}
		f[source] = strings.Join(text, "\n")
	}
}

// without takes the elements of b out of a, each once.
func without(a, b []string) []string {
	count := map[string]int{}
	for _, s := range b {
		count[s]++
	}
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { count[s]--; return count[s] >= 0 })
}
