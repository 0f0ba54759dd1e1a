// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
)

// step is a call that changes a store, and its model.
type step struct {
	put    map[string]string // Text by id.
	remove []string
}

func (st step) do(t *testing.T, s *Store) {
	t.Helper()
	if st.put == nil {
		require.NoError(t, s.Delete(t.Context(), st.remove))
		return
	}
	var in []schema.Document
	for id, text := range st.put {
		in = append(in, doc(text, "id", id))
	}
	add(t, s, in)
}

func (st step) on(model map[string]string) map[string]string {
	after := maps.Clone(model)
	maps.Copy(after, st.put)
	for _, id := range st.remove {
		delete(after, id)
	}
	return after
}

// texts is the state of a store as step's model has it.
func texts(t *testing.T, s *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for id, d := range everything(t, s)["documents"] {
		all[id] = d.PageContent
	}
	return all
}

func randomStep(rnd *rand.Rand, i int) step {
	st := step{}
	for range 1 + rnd.IntN(20) {
		id := fmt.Sprint(rnd.IntN(60))
		if i%3 == 2 {
			st.remove = append(st.remove, id)
			continue
		}
		if st.put == nil {
			st.put = map[string]string{}
		}
		st.put[id] = fmt.Sprintf("1 %d %0*d", i, rnd.IntN(1200), i)
	}
	return st
}

// TestCrash ends the machine within each call: of the pages that the call has
// written, any may be on disk, or a part, and the two that say which transaction
// is the last come after all others. What was confirmed is there, and nothing of
// the call.
func TestCrash(t *testing.T) {
	dir, page := t.TempDir(), os.Getpagesize()
	rnd := rand.New(rand.NewPCG(3, 4))
	s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID))
	model, before := map[string]string{}, readFile(t, dir)
	for i := range 40 {
		st := randomStep(rnd, i)
		st.do(t, s)
		after := readFile(t, dir)
		for round := range 6 {
			image := append([]byte{}, before...)
			if round%2 == 0 {
				image = append(image, make([]byte, max(0, len(after)-len(before)))...)
			}
			for at := 2 * page; at < len(image); at += page {
				switch rnd.IntN(3 + round%3) {
				case 0:
					copy(image[at:at+page], after[at:])
				case 1:
					copy(image[at:at+page/2], after[at:])
				}
			}
			checkImage(t, image, model, fmt.Sprintf("call %d, image %d", i, round))
		}
		model, before = st.on(model), after
		if i%5 == 0 {
			checkImage(t, after, model, fmt.Sprintf("after call %d", i))
		}
	}
}

// checkImage opens what a crash has left.
func checkImage(t *testing.T, image []byte, want map[string]string, what string) {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, dir, image)
	s, err := New(WithPersistence(dir), WithIDs(metadataID), WithEmbedder(&fakeEmbedder{}))
	require.NoError(t, err, what)
	require.Equal(t, want, texts(t, s), what)
	require.NoError(t, s.Close())
}
