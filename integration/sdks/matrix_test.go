// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

// sdk is a provider's own client.
type sdk struct {
	name, provider string
	cells          []cell
}

// cell is one call of an SDK, what the server answers, and what the span must tell.
type cell struct {
	name  string
	call  func(ctx context.Context, url string, hc *http.Client) (string, error)
	reply reply
	want  facts
	fails bool
}

// facts are what a span tells. What is zero must be absent.
type facts struct {
	span, model, id, answeredBy, finish string
	in, out                             int
	errorType                           string
	chunk, cost, incomplete             bool
	output                              string // what stands in gen_ai.output.messages
}

var sdks = []sdk{openaiGo, openaiResponses, goOpenAI, anthropicGo, genaiGo, ollamaGo}

// Every SDK and mode beside the same call without the transport. Verbose, it prints the
// matrix.
func TestMatrix(t *testing.T) {
	var table strings.Builder
	for _, s := range sdks {
		for _, c := range s.cells {
			ok := t.Run(s.name+"/"+c.name, func(t *testing.T) { try(t, s, c) })
			fmt.Fprintf(&table, "%-24s %-14s %v\n", s.name, c.name, map[bool]string{true: "right", false: "WRONG"}[ok])
		}
	}
	t.Log("\n" + table.String())
}

func try(t *testing.T, s sdk, c cell) {
	server := serve(t, c.reply)
	base := server.Client().Transport
	bare, bareErr := c.call(t.Context(), server.URL, &http.Client{Transport: base})
	want := server.requests()

	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim), callbacks.WithToolDefinitions(true))
	traced, err := c.call(t.Context(), server.URL, &http.Client{Transport: models.NewTransport(base, models.WithSpans(k.Handler))})
	assert.Equal(t, bare, traced)
	assert.Equal(t, c.fails, err != nil, "%v", err)
	assert.Equal(t, fmt.Sprint(bareErr), fmt.Sprint(err))
	assert.Equal(t, want, server.requests(), "the server receives the same with and without us")
	require.Len(t, want, 1)

	require.Len(t, k.Spans.Spans(), 1)
	span := k.Spans.Spans()[0]
	got := read(span)
	output := c.want.output
	assert.Contains(t, got.output, output)
	if output == "" {
		assert.NotContains(t, got.output, "parts")
	}
	got.output = output
	assert.Equal(t, c.want, got)
	u, _ := url.Parse(server.URL)
	a := attributes(span)
	assert.Equal(t, s.provider, a["gen_ai.provider.name"].AsString())
	assert.Equal(t, u.Port(), strconv.Itoa(int(a["server.port"].AsInt64())))
	if strings.HasPrefix(span.Name(), "chat") {
		assert.Contains(t, a["gen_ai.input.messages"].AsString(), "warranty")
	}
	if c.name == "tools" {
		assert.Contains(t, a["gen_ai.tool.definitions"].AsString(), `"lookup"`)
		assert.Contains(t, a["gen_ai.output.messages"].AsString(), `"arguments":{"q":"warranty"}`)
	}
}

func attributes(span sdktrace.ReadOnlySpan) map[attribute.Key]attribute.Value {
	m := map[attribute.Key]attribute.Value{}
	for _, kv := range span.Attributes() {
		m[kv.Key] = kv.Value
	}
	return m
}

func read(span sdktrace.ReadOnlySpan) facts {
	a := attributes(span)
	f := facts{
		span: span.Name(), model: a["gen_ai.request.model"].AsString(), id: a["gen_ai.response.id"].AsString(),
		answeredBy: a["gen_ai.response.model"].AsString(), finish: strings.Join(a["gen_ai.response.finish_reasons"].AsStringSlice(), " "),
		in: int(a["gen_ai.usage.input_tokens"].AsInt64()), out: int(a["gen_ai.usage.output_tokens"].AsInt64()),
		errorType: a["error.type"].AsString(), chunk: a["gen_ai.response.time_to_first_chunk"].AsFloat64() > 0,
		cost: a["gen_ai.usage.cost"].AsFloat64() > 0, incomplete: a["spanloom.incomplete"].AsBool(),
		output: a["gen_ai.output.messages"].AsString(),
	}
	if (f.errorType != "") != (span.Status().Code == codes.Error) {
		f.errorType += " without the status"
	}
	return f
}
