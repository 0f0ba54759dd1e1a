// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/internal/storetest"
	"github.com/spanloom/spanloom/vectorstore"
)

var (
	errUnsupported = errors.New("unsupported option")
	faultVariable  = "SPANLOOM_STORETEST_FAULT"
)

// reference is a store in memory with the oddities that its caps admit, and with
// at most one fault that none admits.
type reference struct {
	embedder   embeddings.Embedder
	collection string
	all        *collections
	caps       storetest.Caps
	fault      string
}

type collections struct {
	mu     sync.Mutex
	byName map[string][]entry
	ids    int
}

type entry struct {
	schema.Document
	vector []float32
}

func (r *reference) System() string     { return r.caps.System }
func (r *reference) Collection() string { return r.collection }

func (r *reference) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	o, e := r.options(options)
	if o.ScoreThreshold != 0 {
		return nil, errUnsupported
	}
	var texts []string
	var kept []schema.Document
	for _, d := range docs {
		if o.Deduplicater == nil || r.caps.NoDeduplicater || !o.Deduplicater(ctx, d) {
			kept, texts = append(kept, d), append(texts, d.PageContent)
		}
		if r.fault == "changes the caller's documents" && d.Metadata != nil {
			d.Metadata["content"] = d.PageContent
		}
	}
	vectors, err := e.EmbedDocuments(ctx, texts)
	if err = errors.Join(err, r.cancelled(ctx)); err != nil {
		return nil, err
	}
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	name := r.collection
	if r.caps.Namespaces == storetest.AllNamespaces && r.fault != "ignores name spaces" {
		name = cmp.Or(o.NameSpace, name)
	}
	var ids []string
	for i, d := range kept {
		if r.fault != "repeats ids" {
			r.all.ids++
		}
		ids = append(ids, fmt.Sprint("id ", r.all.ids))
		r.all.byName[name] = append(r.all.byName[name], entry{d, vectors[i]})
	}
	if r.caps.NilIDs {
		ids = nil
	}
	return ids, nil
}

func (r *reference) SimilaritySearch(ctx context.Context, query string, n int, options ...vectorstores.Option) ([]schema.Document, error) {
	o, e := r.options(options)
	if o.ScoreThreshold > 1 {
		return nil, errUnsupported
	}
	v, err := e.EmbedQuery(ctx, query)
	if r.fault != "finishes what was cancelled" {
		err = errors.Join(err, r.cancelled(ctx))
	}
	if err != nil {
		return nil, err
	}
	name := r.collection
	if r.caps.Namespaces != storetest.NoNamespaces {
		name = cmp.Or(o.NameSpace, name)
	}
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	var found []schema.Document
	for _, d := range r.all.byName[name] {
		d.Score = similarity(v, d.vector)
		if !r.caps.NoThreshold && o.ScoreThreshold != 0 && d.Score < o.ScoreThreshold && r.fault != "ignores the threshold" {
			continue
		}
		want, filtered := o.Filters.(string)
		if filtered && r.fault != "ignores the filter" && want != fmt.Sprint("kind=", d.Metadata["kind"]) {
			continue
		}
		if r.caps.Distances {
			d.Score = 1 - d.Score
		}
		if r.caps.Metadata != nil {
			d.Metadata = maps.Clone(d.Metadata)
			if d.Metadata == nil {
				d.Metadata = map[string]any{}
			}
			d.Metadata["_added"] = "by the store"
		}
		found = append(found, d.Document)
	}
	slices.SortStableFunc(found, func(a, b schema.Document) int {
		switch {
		case r.fault == "does not sort":
			return 0
		case r.caps.Distances:
			return cmp.Compare(a.Score, b.Score)
		}
		return cmp.Compare(b.Score, a.Score)
	})
	return found[:min(cmp.Or(r.caps.FixedLimit, n), len(found))], nil
}

func (r *reference) options(options []vectorstores.Option) (o vectorstores.Options, e embeddings.Embedder) {
	for _, opt := range options {
		opt(&o)
	}
	e = r.embedder
	if o.Embedder != nil && !r.caps.NoCallEmbedder && r.fault != "ignores the call's embedder" {
		e = o.Embedder
	}
	return o, e
}

func (r *reference) cancelled(ctx context.Context) error {
	if err := ctx.Err(); err != nil && r.caps.OpaqueErrors {
		return errors.New("status -1: " + err.Error())
	}
	return ctx.Err()
}

func similarity(a, b []float32) float32 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+float64(a[i])*float64(b[i]), aa+float64(a[i])*float64(a[i]), bb+float64(b[i])*float64(b[i])
	}
	return float32(ab / math.Sqrt(aa*bb))
}

func run(t *testing.T, caps storetest.Caps, fault string, server string) {
	caps.System = "reference"
	var made atomic.Int64
	all := &collections{byName: map[string][]entry{}}
	storetest.Run(t, func(_ *testing.T, e embeddings.Embedder) storetest.Target {
		r := &reference{embedder: e, collection: fmt.Sprint("c", made.Add(1)), all: all, caps: caps, fault: fault}
		target := storetest.Target{Store: r, Collection: r.collection}
		if server != "" {
			target.Server, target.Port = server, 1234
			target.Wrap = []vectorstore.Option{vectorstore.WithServer(server, 1234)}
		}
		if fault == "is at an address that nobody told" {
			target.Server, target.Port = "db", 1
		}
		return target
	}, caps)
}

func text(key, value string) any { return key + "=" + value }

// The oddities of langchaingo's stores, put together so that each is met.
var (
	plain = storetest.Caps{
		Filter: text, Namespaces: storetest.AllNamespaces, TypedMetadata: true,
		AddRejects:    map[string]vectorstores.Option{"threshold": vectorstores.WithScoreThreshold(0.5)},
		SearchRejects: map[string]vectorstores.Option{"threshold above 1": vectorstores.WithScoreThreshold(2)},
	}
	shared  = storetest.Caps{Namespaces: storetest.SearchNamespaces, NilIDs: true, NoDeduplicater: true, NoCallEmbedder: true, TypedMetadata: true}
	distant = storetest.Caps{
		Distances: true, FixedLimit: 4, NoThreshold: true, TypedMetadata: true, OpaqueErrors: true,
		Metadata: func(m map[string]any) map[string]any { delete(m, "_added"); return m },
	}
)

func TestReference(t *testing.T) {
	t.Run("plain", func(t *testing.T) { run(t, plain, "", "") })
	t.Run("search name spaces, nil ids, ignored options", func(t *testing.T) { run(t, shared, "", "db.internal") })
	t.Run("distances, fixed limit, opaque errors", func(t *testing.T) { run(t, distant, "", "") })
}

// faults are what the suite has to find, each with the case that must find it.
var faults = map[string]string{
	"changes the caller's documents":    "metadata",
	"does not sort":                     "nearest_first",
	"finishes what was cancelled":       "cancelled_before",
	"ignores name spaces":               "namespaces",
	"ignores the call's embedder":       "embedder_of_the_call",
	"ignores the filter":                "filter",
	"ignores the threshold":             "threshold",
	"is at an address that nobody told": "telemetry/spans_and_metrics",
	"repeats ids":                       "ids",
}

// TestSuiteFindsFaults runs TestFaulty in a process of its own, since a test that
// fails cannot be undone.
func TestSuiteFindsFaults(t *testing.T) {
	for fault, by := range faults {
		t.Run(fault, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFaulty$")
			cmd.Env = append(os.Environ(), faultVariable+"="+fault)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, string(out))
			assert.Contains(t, string(out), "--- FAIL: TestFaulty/"+by+" ")
			assert.NotContains(t, string(out), "panic:")
		})
	}
}

func TestFaulty(t *testing.T) {
	fault := os.Getenv(faultVariable)
	if fault == "" {
		t.Skip("run by TestSuiteFindsFaults")
	}
	run(t, plain, fault, "")
}

func TestEmbedder(t *testing.T) {
	e := &storetest.Embedder{}
	vectors, err := e.EmbedDocuments(t.Context(), []string{"amber birch cedar", "amber birch delta", "ember flint gale"})
	require.NoError(t, err)
	again, err := (&storetest.Embedder{}).EmbedQuery(t.Context(), "amber birch cedar")
	require.NoError(t, err)
	assert.Equal(t, vectors[0], again, "the same in every process")
	assert.Greater(t, similarity(vectors[0], vectors[1]), float32(0.5))
	assert.InDelta(t, 0, similarity(vectors[0], vectors[2]), 0.25)
	assert.Equal(t, 1, e.Calls())
	other, err := (&storetest.Embedder{Salt: "another"}).EmbedQuery(t.Context(), "amber birch cedar")
	require.NoError(t, err)
	assert.InDelta(t, 0, similarity(vectors[0], other), 0.25)
}
