// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"slices"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/retrieval"
)

// Answer is what [Index.Query] returns.
type Answer struct {
	Text string
	// Sources are the chunks the answer was made from, best first; none if
	// nothing was found, and the model answered without.
	Sources []schema.Document
}

// Retriever returns a retriever of as many chunks as [WithTopK] says, for
// langchaingo's chains and agents. The options are those of each of its calls of
// the store, after the index's own: a filter or a score threshold, as far as the
// store takes them. It is safe for concurrent use if the index is. Its errors are
// the store's.
func (x *Index) Retriever(options ...vectorstores.Option) schema.Retriever {
	return retrieval.Wrap(vectorstores.ToRetriever(x.cfg.store, x.cfg.topK, slices.Concat(x.options, options)...), x.h)
}

// Query answers a question from the stored chunks, as langchaingo's RetrievalQA
// does. The options are those of [Index.Retriever]. The spans are "query" with
// the retrieval and the task "answer" in it.
//
// It returns an error without a model ([WithLLM]), and the store's and the
// model's, which errors.Is and As find. That nothing was found is none: the model
// answers all the same, and [Answer] has no sources. Several calls may be made at
// the same time if the index and the model are safe for concurrent use.
func (x *Index) Query(ctx context.Context, question string, options ...vectorstores.Option) (Answer, error) {
	if x.cfg.model == nil {
		return Answer{}, errors.New("index: Query needs a model: use WithLLM")
	}
	ctx, span := x.h.Start(ctx, callbacks.KindWorkflow, "query")
	defer span.End(callbacks.ErrUnwound)
	span.SetInput(question)
	a, err := x.query(ctx, question, options)
	if err == nil {
		span.SetOutput(a.Text)
	}
	span.End(err)
	return a, err
}

func (x *Index) query(ctx context.Context, question string, options []vectorstores.Option) (Answer, error) {
	found, err := x.Retriever(options...).GetRelevantDocuments(ctx, question)
	if err != nil {
		return Answer{}, err
	}
	ctx, span := x.h.Start(ctx, callbacks.KindTask, "answer")
	defer span.End(callbacks.ErrUnwound)
	out, err := lcchains.Call(ctx, lcchains.LoadStuffQA(x.cfg.model), map[string]any{
		"question": question, "input_documents": found,
	})
	span.End(err)
	if err != nil {
		return Answer{}, err
	}
	text, _ := out["text"].(string)
	return Answer{text, found}, nil
}
