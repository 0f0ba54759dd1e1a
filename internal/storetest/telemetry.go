// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/privacy"
)

var telemetry = []struct {
	name    string
	options []callbacks.Option
	run     func(*testing.T, *session)
}{
	{"spans and metrics", nil, spansAndMetrics},
	{"options", nil, optionAttributes},
	{"one document has no batch", nil, noBatch},
	{"failures", nil, failures},
	{"no content with content off", nil, contentOff},
	{"content", []callbacks.Option{callbacks.WithContent(privacy.Verbatim)}, contentOn},
}

// assertHas compares attributes by their text; "" is an attribute that must not
// be there.
func assertHas(t *testing.T, span sdktrace.ReadOnlySpan, want map[attribute.Key]string) {
	t.Helper()
	for key, value := range want {
		assert.Equal(t, value, oteltest.Value(span, key), "%s of %q", key, span.Name())
	}
}

func text(v any) string { return fmt.Sprint(v) }

// identity is what all spans and metric points of the store have.
func (s *session) identity() map[attribute.Key]string {
	want := map[attribute.Key]string{semconv.DBSystemName: s.caps.System, semconv.DBCollectionName: s.Collection, semconv.ServerAddress: s.Server, semconv.ServerPort: ""}
	if s.Server != "" {
		want[semconv.ServerPort] = text(s.Port)
	}
	return want
}

func spansAndMetrics(t *testing.T, s *session) {
	fill(t, s)
	found, err := s.search(t.Context(), query, 2)
	require.NoError(t, err)

	add, search := s.kit.Span(t, "add "+s.Collection), s.kit.Span(t, "search "+s.Collection)
	for operation, span := range map[string]sdktrace.ReadOnlySpan{"add": add, "search": search} {
		assert.Equal(t, trace.SpanKindClient, span.SpanKind())
		assert.Equal(t, codes.Unset, span.Status().Code)
		assertHas(t, span, s.identity())
		assertHas(t, span, map[attribute.Key]string{semconv.DBOperationName: operation, semconv.DBNamespace: "", semconv.ErrorType: ""})
	}
	assertHas(t, add, map[attribute.Key]string{semconv.DBOperationBatchSize: text(len(shelf)), semconv.RetrievalTopK: "", semconv.DBReturnedRows: ""})
	require.Len(t, found, s.found(2, len(shelf)))
	score := func(d schema.Document) string { return attribute.Float64Value(float64(d.Score)).String() }
	assertHas(t, search, map[attribute.Key]string{
		semconv.DBOperationBatchSize: "", semconv.RetrievalTopK: "2",
		semconv.DBReturnedRows: text(len(found)), semconv.RetrievalDocumentCount: text(len(found)),
		semconv.RetrievalBestScore: score(found[0]), semconv.RetrievalWorstScore: score(found[len(found)-1]),
		semconv.RetrievalThreshold: "", semconv.RetrievalFiltered: "",
	})
	assertTree(t, s.kit, 1, 1)
	for _, operation := range []string{"add", "search"} {
		s.assertPoint(t, operation, "", 1)
	}
}

// assertPoint looks for the duration point of the operation.
func (s *session) assertPoint(t *testing.T, operation, errorType string, count uint64) {
	t.Helper()
	h, ok := s.kit.Metrics(t)["db.client.operation.duration"].(metricdata.Histogram[float64])
	require.True(t, ok, "there is no db.client.operation.duration")
	want := s.identity()
	want[semconv.DBOperationName], want[semconv.ErrorType] = operation, errorType
	var got uint64
	for _, p := range h.DataPoints {
		same := true
		for key, value := range want {
			v, ok := p.Attributes.Value(key)
			same = same && ok == (value != "") && (!ok || v.String() == value)
		}
		if same {
			got += p.Count
		}
	}
	assert.Equal(t, count, got, "points of %v", want)
}

// assertTree expects each embedding call below a call of the store.
func assertTree(t *testing.T, kit *oteltest.Kit, adds, searches int) {
	t.Helper()
	spans := kit.Spans.Spans()
	count, store := map[string]int{}, map[trace.SpanID]bool{}
	for _, span := range spans {
		if operation := oteltest.Value(span, semconv.DBOperationName); operation != "" {
			count[operation]++
			store[span.SpanContext().SpanID()] = true
		}
	}
	assert.Equal(t, map[string]int{"add": adds, "search": searches}, count)
	for _, span := range spans {
		if span.Name() == "embeddings "+model {
			count["embeddings"]++
			assert.True(t, store[span.Parent().SpanID()], "an embedding call belongs to the store's call")
		}
	}
	assert.Positive(t, count["embeddings"])
}

func optionAttributes(t *testing.T, s *session) {
	fill(t, s)
	limit := between(t, s)
	want := map[attribute.Key]string{}
	var opts, one []vectorstores.Option
	if !s.caps.NoThreshold {
		var o vectorstores.Options
		limit(&o)
		opts = append(opts, limit)
		want[semconv.RetrievalThreshold] = attribute.Float64Value(float64(o.ScoreThreshold)).String()
	}
	if s.caps.Filter != nil {
		opts = append(opts, vectorstores.WithFilters(s.caps.Filter("kind", "tree")))
		want[semconv.RetrievalFiltered] = "true"
	}
	if s.caps.Namespaces != NoNamespaces {
		one = append(one, vectorstores.WithNameSpace("nowhere"))
	}
	s.kit.Spans.Reset()
	found, err := s.search(t.Context(), query, 3, opts...)
	require.NoError(t, err)
	want[semconv.DBReturnedRows] = text(len(found))
	assertHas(t, s.kit.Span(t, "search "+s.Collection), want)

	s.kit.Spans.Reset()
	found, err = s.search(t.Context(), query, 3, one...)
	require.NoError(t, err)
	if len(one) > 0 {
		assert.Empty(t, found)
		name, collection, space := "search "+s.Collection, s.Collection, "nowhere"
		if s.caps.NamedBySpace {
			name, collection, space = "search", "nowhere", ""
			if s.caps.Stated {
				name = "search " + s.Collection
			}
		}
		assertHas(t, s.kit.Span(t, name), map[attribute.Key]string{
			semconv.DBCollectionName: collection, semconv.DBNamespace: space,
			semconv.DBReturnedRows: "0", semconv.RetrievalDocumentCount: "0",
			semconv.RetrievalBestScore: "", semconv.RetrievalWorstScore: "",
		})
	}
}

func noBatch(t *testing.T, s *session) {
	_, err := s.add(t.Context(), copies(shelf[:1]))
	require.NoError(t, err)
	assertHas(t, s.kit.Span(t, "add "+s.Collection), map[attribute.Key]string{semconv.DBOperationBatchSize: ""})
}

// failures quote the texts, as providers do.
func failures(t *testing.T, s *session) {
	fill(t, s)
	s.kit.Spans.Reset()
	s.embedder.Fail = func(_ context.Context, text string) error { return quoting{text} }
	_, err := s.add(t.Context(), []schema.Document{{PageContent: "a secretive document"}})
	require.ErrorAs(t, err, &quoting{})
	_, err = s.search(t.Context(), "a secretive question", 3)
	require.ErrorAs(t, err, &quoting{})
	s.embedder.Fail = nil
	for _, operation := range []string{"add", "search"} {
		span := s.kit.Span(t, operation+" "+s.Collection)
		assert.Equal(t, codes.Error, span.Status().Code)
		assert.Contains(t, span.Status().Description, "storetest.quoting")
		errorType := oteltest.Value(span, semconv.ErrorType)
		assert.Contains(t, errorType, "quoting")
		assertHas(t, span, map[attribute.Key]string{semconv.DBReturnedRows: ""})
		s.assertPoint(t, operation, errorType, 1)
	}
	assert.NotContains(t, s.kit.Emitted(t), "secretive")

	s.kit.Spans.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.search(ctx, query, 3)
	require.Error(t, err)
	assertHas(t, s.kit.Span(t, "search "+s.Collection), map[attribute.Key]string{semconv.ErrorType: genai.ErrorCanceled})
}

type quoting struct{ text string }

func (e quoting) Error() string { return fmt.Sprintf("cannot embed %q", e.text) }

// secret has a word of its own in each place that must stay out of telemetry.
var secret = []schema.Document{
	{PageContent: "hidden canarytext", Metadata: map[string]any{"kind": "canaryvalue", "canarykey": "x"}},
	{PageContent: "hidden other", Metadata: map[string]any{"kind": "other"}},
}

func searchSecret(t *testing.T, s *session) (ids []string, found []schema.Document) {
	t.Helper()
	ids, err := s.add(t.Context(), copies(secret))
	require.NoError(t, err)
	var opts []vectorstores.Option
	if s.caps.Filter != nil {
		opts = append(opts, vectorstores.WithFilters(s.caps.Filter("kind", "canaryvalue")))
	}
	found, err = s.search(t.Context(), "hidden canarytext canaryquery", 2, opts...)
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return ids, found
}

func contentOff(t *testing.T, s *session) {
	searchSecret(t, s)
	assert.NotContains(t, s.kit.Emitted(t), "canary")
	for _, span := range s.kit.Spans.Spans() {
		assertHas(t, span, map[attribute.Key]string{
			semconv.RetrievalDocuments: "", semconv.RetrievalQueryText: "", semconv.RetrievalFilters: "",
			semconv.TraceloopEntityInput: "", semconv.TraceloopEntityOutput: "",
		})
	}
}

func contentOn(t *testing.T, s *session) {
	ids, found := searchSecret(t, s)
	add, search := s.kit.Span(t, "add "+s.Collection), s.kit.Span(t, "search "+s.Collection)
	assertDocuments(t, add, secret, ids)
	assertDocuments(t, search, found, nil)
	assertHas(t, search, map[attribute.Key]string{semconv.RetrievalQueryText: "hidden canarytext canaryquery"})
	if s.caps.Filter != nil {
		assert.Contains(t, oteltest.Value(search, semconv.RetrievalFilters), "canaryvalue")
	}
}

// assertDocuments holds the attribute to the registry's schema: a list of
// objects, each with a string id, the store's if it has told them, and a number
// as score.
func assertDocuments(t *testing.T, span sdktrace.ReadOnlySpan, want []schema.Document, ids []string) {
	t.Helper()
	v, ok := spantree.Attribute(span, semconv.RetrievalDocuments)
	require.True(t, ok, "%s has no documents", span.Name())
	var got []struct {
		ID       *string        `json:"id"`
		Score    *float32       `json:"score"`
		Content  string         `json:"content"`
		Metadata map[string]any `json:"metadata"`
	}
	require.NoError(t, json.Unmarshal([]byte(v.AsString()), &got), v.AsString())
	require.Len(t, got, len(want))
	for i, d := range got {
		require.NotNil(t, d.ID)
		assert.NotEmpty(t, *d.ID)
		if len(ids) > 0 {
			assert.Equal(t, ids[i], *d.ID)
		}
		require.NotNil(t, d.Score)
		assert.Equal(t, want[i].Score, *d.Score)
		assert.Equal(t, want[i].PageContent, d.Content)
		assert.Equal(t, want[i].Metadata, d.Metadata)
	}
}
