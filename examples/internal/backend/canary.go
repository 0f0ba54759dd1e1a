// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// canary begins every secret of [Canary].
const canary = "cnry."

// Canary is a secret of a form that Redact knows, named after the place it is
// planted in.
func Canary(place string) string { return canary + place + "@example.com" }

// SearchCanaries runs a program under every content policy, with a backend of
// its own, and searches all that the backend got, what the log was told, and
// what else the program returns for secrets: none may be found with content off,
// and none as it was with a policy that hides. With content as it is the same
// search finds those of the places in shown, so it can find.
func SearchCanaries(t *testing.T, shown []string, program func(t *testing.T) (alsoEmitted string)) {
	for _, policy := range []string{"none", "redact", "hash", "verbatim"} {
		t.Run(policy, func(t *testing.T) {
			b := Start(t)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", b.URL)
			t.Setenv("SPANLOOM_CONTENT", policy)
			log := watchLog(t)
			emitted := program(t)
			emitted += b.Wire()
			assert.Contains(t, b.Paths(), "/v1/traces", "the backend got the run")
			assert.NotContains(t, log.String(), canary)
			if policy != "verbatim" {
				if at := strings.Index(emitted, canary); at >= 0 {
					t.Errorf("a secret got out: %q", emitted[max(0, at-100):min(len(emitted), at+100)])
				}
				return
			}
			for _, place := range shown {
				assert.Contains(t, emitted, Canary(place))
			}
		})
	}
}

// watchLog has the default logger write where the test can read.
func watchLog(t *testing.T) *buffer {
	old := slog.Default()
	t.Cleanup(func() { slog.SetDefault(old) })
	b := &buffer{}
	slog.SetDefault(slog.New(slog.NewTextHandler(b, nil)))
	return b
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
