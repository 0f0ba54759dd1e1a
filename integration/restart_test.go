// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"bytes"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/integration/collector"
)

// A backend that crashes and comes back: what is lost is what found the queue
// full, and the program is told how much that was.
func TestCollectorCrashesAndComesBack(t *testing.T) {
	const queue, batch = 40, 10
	for _, protocol := range []string{"http", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			c := collector.Start(t)
			endpoint := c.HTTPEndpoint()
			if protocol == "grpc" {
				endpoint = strings.Replace(c.GRPCEndpoint(), "http", "grpc", 1)
			}
			var log bytes.Buffer
			shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint), spanloom.WithOwnMetrics(),
				spanloom.WithBatching(spanloom.Batching{QueueSize: queue, BatchSize: batch, Delay: 10 * time.Millisecond}),
				spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			require.NoError(t, err)
			h, err := callbacks.NewHandler()
			require.NoError(t, err)
			sent := 0
			emit := func(n int) {
				for range n {
					_, span := h.Start(t.Context(), callbacks.KindTask, strconv.Itoa(sent))
					span.End(nil)
					sent++
				}
			}
			emit(queue / 2)
			require.Eventually(t, func() bool { return len(c.Spans()) == sent }, 10*time.Second, 10*time.Millisecond)
			before := sent
			c.Kill()
			start := time.Now()
			emit(10 * queue)
			assert.Less(t, time.Since(start), time.Second, "the program does not wait for a dead backend")
			c.Restart()
			// The exporter tries again after some seconds, and empties the queue.
			require.Eventually(t, func() bool { return len(c.Spans()) > before }, 40*time.Second, 50*time.Millisecond)
			emit(1)
			err = shutdown(t.Context())
			c.Stop()

			arrived := map[string]bool{}
			for _, s := range c.Spans() {
				arrived[s.Name] = true
			}
			require.Error(t, err)
			lost := 0
			for _, m := range regexp.MustCompile(`(\d+) spans? (?:(?:was|were) dropped|could not be delivered)`).FindAllStringSubmatch(err.Error(), -1) {
				n, convErr := strconv.Atoi(m[1])
				require.NoError(t, convErr)
				lost += n
			}
			t.Logf("%d sent, %d arrived: %v", sent, len(arrived), err)
			assert.Equal(t, sent, len(arrived)+lost, "what did not arrive is what was said")
			assert.GreaterOrEqual(t, len(arrived), before+queue, "the queue was kept")
			assert.Equal(t, 1, strings.Count(log.String(), "queue of spans is full"), log.String())
		})
	}
}
