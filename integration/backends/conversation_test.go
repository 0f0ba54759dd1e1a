// SPDX-License-Identifier: Apache-2.0

//go:build integration && backends

package backends

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

const session, user = "session-7", "user-9"

var questions = []string{"How long is the warranty?", "Who repairs a lamp?"}

// converse sends two traces of one session, each with a question and its answer, and
// returns the answers.
func (s *tee) converse(t *testing.T, headers string, opts ...spanloom.Option) (answers []string) {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", s.url)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", headers)
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	shutdown, err := spanloom.Init(t.Context(), opts...)
	require.NoError(t, err)
	prices, err := metrics.NewPrices(metrics.Price{Model: offline.ModelName, Input: 0.15, Output: 0.6})
	require.NoError(t, err)
	h, err := callbacks.NewHandler(callbacks.WithContent(privacy.Verbatim), callbacks.WithPrices(prices))
	require.NoError(t, err)
	// Backends order the traces of a session by the millisecond.
	model := models.Wrap(offline.Model{Latency: 20 * time.Millisecond}, h, models.WithProvider(offline.Provider), models.WithModel(offline.ModelName))
	for _, question := range questions {
		ctx := callbacks.ContextWithAssociation(t.Context(), attribute.String("session.id", session), attribute.String("user.id", user))
		ctx, workflow := h.Start(ctx, callbacks.KindWorkflow, "conversation")
		workflow.SetInput(question)
		answer, err := llms.GenerateFromSinglePrompt(ctx, model, "Each lamp has two years of warranty. The workshop in Aachen repairs a lamp.\n\nQuestion: "+question)
		require.NoError(t, err)
		answers = append(answers, strings.TrimSpace(answer))
		workflow.SetOutput(answers[len(answers)-1])
		workflow.End(nil)
	}
	require.NoError(t, shutdown(t.Context()))
	return answers
}
