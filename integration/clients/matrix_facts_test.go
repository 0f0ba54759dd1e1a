// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
)

// facts are what a span tells of a call. What is zero must be absent.
type facts struct {
	provider, server, model                string
	in, out, cached, created, reasoning    int
	finish                                 string // reasons, with spaces between
	id, answeredBy                         string
	errorType                              string
	status                                 int
	incomplete, askedToStream, sawAnyChunk bool
	complete                               bool // only of the wire: the client's incomplete is wrong
}

var zeroFields = regexp.MustCompile(`\b[a-zA-Z]+:(0|false)?( |$)`)

// String names what is not zero.
func (f facts) String() string {
	type plain facts // without this method
	return zeroFields.ReplaceAllString(strings.Trim(fmt.Sprintf("%+v", plain(f)), "{}"), "")
}

// want completes the expectation with what follows from the case.
func (p matrixProvider) want(c matrixCase, server string, got outcome, transport bool) facts {
	w := c.want
	w.provider = cmp.Or(c.provider, p.name)
	w.model = strings.TrimPrefix(cmp.Or(w.model, p.model), noModel)
	w.askedToStream = c.stream || c.reasoning
	w.sawAnyChunk = got.sawAnyChunk
	if transport && len(got.requests) > 0 || !p.hidesServer {
		w.server = server
	}
	if !transport {
		return w
	}
	w = w.with(c.wire)
	if c.reply.status >= http.StatusBadRequest {
		w.status, w.errorType = c.reply.status, strconv.Itoa(c.reply.status)
	}
	return w
}

// noModel is for calls whose span must name no model.
const noModel = "-"

// with adds what only the wire tells.
func (f facts) with(wire facts) facts {
	for _, n := range []struct{ to, from *int }{
		{&f.in, &wire.in},
		{&f.out, &wire.out},
		{&f.cached, &wire.cached},
		{&f.created, &wire.created},
		{&f.reasoning, &wire.reasoning},
	} {
		if *n.from != 0 {
			*n.to = *n.from
		}
	}
	f.finish = cmp.Or(wire.finish, f.finish)
	f.id = cmp.Or(wire.id, f.id)
	f.answeredBy = cmp.Or(wire.answeredBy, f.answeredBy)
	f.errorType = cmp.Or(wire.errorType, f.errorType)
	f.incomplete = (f.incomplete || wire.incomplete) && !wire.complete
	f.sawAnyChunk = f.sawAnyChunk || wire.sawAnyChunk
	return f
}

// streamBegins is for streams of which the client passes on no chunk: the transport
// sees their first event.
func streamBegins(wire facts) facts {
	wire.sawAnyChunk = true
	return wire
}

func (f facts) withoutAnswer() facts {
	return facts{
		provider: f.provider, server: f.server, model: f.model, errorType: f.errorType, status: f.status,
		incomplete: f.incomplete, askedToStream: f.askedToStream, sawAnyChunk: f.sawAnyChunk,
	}
}

func read(t *testing.T, span sdktrace.ReadOnlySpan) facts {
	text := func(key attribute.Key) string { return oteltest.Value(span, key) }
	number := func(key attribute.Key) int {
		v := text(key)
		if v == "" {
			return 0
		}
		n, err := strconv.Atoi(v)
		require.NoError(t, err)
		assert.Positive(t, n, "%s: what is unknown is not set", key)
		return n
	}
	f := facts{
		provider: text(semconv.ProviderName), server: text(semconv.ServerAddress), model: text(semconv.RequestModel),
		in: number(semconv.UsageInputTokens), out: number(semconv.UsageOutputTokens), cached: number(semconv.UsageCacheRead),
		created: number(semconv.UsageCacheCreation), reasoning: number(semconv.UsageReasoning),
		id: text(semconv.ResponseID), answeredBy: text(semconv.ResponseModel), errorType: text(semconv.ErrorType),
		status: number(semconv.HTTPResponseStatusCode), incomplete: text(semconv.Incomplete) == "true",
		askedToStream: text(semconv.RequestStream) == "true", sawAnyChunk: text(semconv.TimeToFirstChunk) != "",
	}
	if f.server != "" {
		f.server += ":" + text(semconv.ServerPort)
	}
	if v, ok := spantree.Attribute(span, semconv.ResponseFinishReasons); ok {
		f.finish = strings.Join(v.AsStringSlice(), " ")
	}
	return f
}

// assertPoints checks that the metrics say what the span says.
func assertPoints(t *testing.T, k *oteltest.Kit, f facts) {
	points := k.Metrics(t)
	histogram := func(name string) []metricdata.HistogramDataPoint[float64] {
		h, _ := points[name].(metricdata.Histogram[float64])
		return h.DataPoints
	}
	durations := histogram("gen_ai.client.operation.duration")
	require.Len(t, durations, 1)
	assert.Equal(t, uint64(1), durations[0].Count)
	errorType, _ := durations[0].Attributes.Value(semconv.ErrorType)
	assert.Equal(t, f.errorType, errorType.AsString())
	provider, _ := durations[0].Attributes.Value(semconv.ProviderName)
	assert.Equal(t, f.provider, provider.AsString())

	tokens := map[string]int{}
	if usage, ok := points["gen_ai.client.token.usage"].(metricdata.Histogram[int64]); ok {
		for _, dp := range usage.DataPoints {
			kind, _ := dp.Attributes.Value(semconv.TokenType)
			tokens[kind.AsString()] += int(dp.Sum)
			assert.Equal(t, uint64(1), dp.Count)
		}
	}
	wantTokens := map[string]int{}
	if f.in > 0 {
		wantTokens[semconv.TokenInput] = f.in
	}
	if f.out > 0 {
		wantTokens[semconv.TokenOutput] = f.out
	}
	assert.Equal(t, wantTokens, tokens, "one point per kind of token that is known")
	assert.Equal(t, f.sawAnyChunk, len(histogram("gen_ai.client.operation.time_to_first_chunk")) == 1)
}
