// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
)

// The test program runs itself with these set, to be killed.
const (
	childFolder = "SPANLOOM_CHROMEM_CHILD_FOLDER"
	childRound  = "SPANLOOM_CHROMEM_CHILD_ROUND"
)

// TestKillChild is no test: it adds and deletes documents until it is killed,
// and says what it is about to do and what is confirmed.
func TestKillChild(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip("for TestKill")
	}
	s, err := New(WithPersistence(dir), WithIDs(metadataID), WithEmbedder(&fakeEmbedder{}))
	require.NoError(t, err)
	fmt.Println("child ready")
	var mine []string
	for i := 0; ; i++ {
		if i%4 == 3 {
			id := mine[0]
			mine = mine[1:]
			fmt.Println("child deletes", id)
			err = s.Delete(t.Context(), []string{id})
		} else {
			var in []schema.Document
			var ids []string
			for j := range 1 + i%3 {
				id := fmt.Sprintf("%s-%d-%d", os.Getenv(childRound), i, j)
				ids = append(ids, id)
				in = append(in, killDoc(id))
			}
			fmt.Println("child adds", strings.Join(ids, " "))
			_, err = s.AddDocuments(t.Context(), in)
			mine = append(mine, ids...)
		}
		require.NoError(t, err)
		fmt.Println("child confirms")
	}
}

func killDoc(id string) schema.Document {
	var a, b, c int
	_, _ = fmt.Sscanf(id, "%d-%d-%d", &a, &b, &c)
	return doc(fmt.Sprintf("1 %d %d %d \xff %s", a, b, c, strings.Repeat(id, 20)), "id", id, "n", []int{a, b, c})
}

// killChild runs the child, kills it after so many lines, and returns what it
// said.
func killChild(t *testing.T, dir string, round, lines int, whileRunning func()) []string {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestKillChild$")
	cmd.Env = append(os.Environ(), childFolder+"="+dir, fmt.Sprintf("%s=%d", childRound, round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	in := bufio.NewReader(out)
	first, err := in.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "child ready\n", first)
	whileRunning()
	said := ""
	for range lines {
		line, err := in.ReadString('\n')
		require.NoError(t, err)
		said += line
	}
	require.NoError(t, cmd.Process.Kill())
	rest, err := io.ReadAll(in)
	require.NoError(t, err)
	require.Error(t, cmd.Wait())
	// A line that is cut off was not said.
	all := strings.Split(said+string(rest), "\n")
	return all[:len(all)-1]
}

// TestKill kills a process many times while it stores documents, always in the
// same folder: the store always opens, has all that was ever confirmed, byte for
// byte, and of the call that was interrupted all or nothing. That a process is
// killed leaves the page cache alone; TestCrash is for the rest.
func TestKill(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(5, 6))
	want := map[string]schema.Document{}
	inTheMidst := 0
	for round := range rounds {
		said := killChild(t, dir, round, 1+rnd.IntN(60), func() {
			if round == 0 {
				_, err := New(WithPersistence(dir))
				require.ErrorIs(t, err, ErrInUse)
				require.ErrorContains(t, err, dir)
			}
		})
		var last string
		apply := func(to map[string]schema.Document) {
			ids := strings.Fields(last)[2:]
			for _, id := range ids {
				if strings.HasPrefix(last, "child adds") {
					to[id] = killDoc(id)
				} else {
					delete(to, id)
				}
			}
		}
		for _, line := range said {
			if line == "child confirms" {
				apply(want)
				last = ""
			} else {
				last = line
			}
		}
		s, err := New(WithPersistence(dir))
		require.NoError(t, err)
		got := everything(t, s)["documents"]
		require.NoError(t, s.Close())
		if got == nil {
			got = map[string]schema.Document{}
		}
		if last != "" {
			inTheMidst++
			if after := maps.Clone(want); true {
				if apply(after); len(after) == len(got) {
					want = after
				}
			}
		}
		require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)), "round %d", round)
		require.Equal(t, want, got, "round %d", round)
	}
	t.Logf("%d of %d rounds ended in the midst of a call, %d documents", inTheMidst, rounds, len(want))
	assert.Greater(t, inTheMidst, rounds/2)
}
