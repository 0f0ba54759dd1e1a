// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/integration/collector"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

// answering is a model that says nothing new.
type answering struct{}

func (answering) GenerateContent(context.Context, []llms.MessageContent, ...llms.CallOption) (*llms.ContentResponse, error) {
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: "yes", StopReason: "stop"}}}, nil
}

func (answering) Call(context.Context, string, ...llms.CallOption) (string, error) { return "yes", nil }

// 80 MB of content, in batches that the SDK makes of 20 MB and more, reach a Collector that
// takes 4 MiB over gRPC and 20 MiB over HTTP. One call has bytes that are no text.
func TestContentOfManyCallsArrives(t *testing.T) {
	const calls, messages, size = 2000, 40, 1000
	eachCollector(t, func(t *testing.T, c *collector.Collector, endpoint string) {
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint))
		require.NoError(t, err)
		h, err := callbacks.NewHandler(callbacks.WithContent(privacy.Verbatim), callbacks.WithPrices(nil))
		require.NoError(t, err)
		model := models.Wrap(answering{}, h)
		for i := range calls {
			conversation := make([]llms.MessageContent, messages)
			for j := range conversation {
				text := fmt.Sprintf("%d.%d ", i, j)
				conversation[j] = llms.TextParts(llms.ChatMessageTypeHuman, text+strings.Repeat("x", size-len(text)))
			}
			ctx := t.Context()
			if i == 777 {
				conversation[0] = llms.TextParts(llms.ChatMessageTypeHuman, "M\xfcller")
				ctx = callbacks.ContextWithAssociation(ctx, attribute.String("user_id", "J\xf6rg"))
			}
			_, err := model.GenerateContent(ctx, conversation)
			require.NoError(t, err)
		}
		// The user's own, with the kinds of text that are checked nowhere else.
		_, own := otel.Tracer("own").Start(t.Context(), "own", trace.WithAttributes(attribute.StringSlice("l\xff", []string{"\xff"})))
		own.End()
		flusher, ok := otel.GetTracerProvider().(interface {
			ForceFlush(ctx context.Context) error
		})
		require.True(t, ok)
		require.NoError(t, flusher.ForceFlush(t.Context()), "shutdown takes ten seconds at most")
		require.NoError(t, shutdown(t.Context()))
		c.Stop()

		chats, repaired, damaged := 0, 0, 0
		for _, s := range c.Spans() {
			if s.Name == "own" {
				assert.Equal(t, []any{"\uFFFD"}, s.Attributes["l\uFFFD"])
				continue
			}
			chats++
			text, _ := s.Attributes["gen_ai.input.messages"].(string)
			var sent []struct{ Parts []struct{ Content string } }
			require.NoError(t, json.Unmarshal([]byte(text), &sent))
			require.Len(t, sent, messages)
			for _, m := range sent[1:] {
				if len(m.Parts[0].Content) != size {
					damaged++
				}
			}
			if sent[0].Parts[0].Content == "M\uFFFDller" {
				repaired++
				assert.Contains(t, fmt.Sprint(s.Attributes), "J\uFFFDrg")
			}
		}
		assert.Equal(t, calls, chats)
		assert.Equal(t, 1, repaired)
		assert.Zero(t, damaged)
		assert.NotEmpty(t, c.Metrics())
	})
}

// A span that no Collector takes is cut, and all else arrives.
func TestASpanTooLargeForTheCollector(t *testing.T) {
	eachCollector(t, func(t *testing.T, c *collector.Collector, endpoint string) {
		var log bytes.Buffer
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint), spanloom.WithOwnMetrics(), spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		require.NoError(t, err)
		for i := range 100 {
			attrs := []attribute.KeyValue{attribute.Int("n", i)}
			if i == 50 {
				attrs = append(attrs, attribute.String("text", strings.Repeat("x", 25<<20)))
			}
			_, span := otel.Tracer("own").Start(t.Context(), "own", trace.WithAttributes(attrs...))
			span.End()
		}
		require.EqualError(t, shutdown(t.Context()), "spanloom: traces: 1 span was too large for the backend, and arrived with cut texts")
		c.Stop()
		assert.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
		assert.Contains(t, log.String(), "too large for the backend")
		n := map[any]bool{}
		for _, s := range c.Spans() {
			n[s.Attributes["n"]] = true
			if text, ok := s.Attributes["text"].(string); ok {
				assert.Greater(t, len(text), 1<<20)
			}
		}
		assert.Len(t, n, 100)
	})
}

// eachCollector runs test with a Collector of default limits, over HTTP and gRPC.
func eachCollector(t *testing.T, test func(t *testing.T, c *collector.Collector, endpoint string)) {
	t.Helper()
	t.Run("http", func(t *testing.T) {
		c := collector.Start(t)
		test(t, c, c.HTTPEndpoint())
	})
	t.Run("grpc", func(t *testing.T) {
		c := collector.Start(t)
		test(t, c, strings.Replace(c.GRPCEndpoint(), "http", "grpc", 1))
	})
}
