// SPDX-License-Identifier: Apache-2.0

package retrieval

import (
	"context"
	"errors"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
)

// Answer is what [Index.Query] returns.
type Answer struct {
	Text string
	// Sources are the chunks the answer was made from, best first; none if
	// nothing was found, and the model answered without.
	Sources []schema.Document
}

// Query answers a question from the stored chunks, as langchaingo's RetrievalQA
// does. The spans are "query" with the retrieval and the task "answer" in it.
func (x *Index) Query(ctx context.Context, question string) (Answer, error) {
	if x.cfg.model == nil {
		return Answer{}, errors.New("retrieval: Query needs a model: use WithLLM")
	}
	ctx, span := x.h.Start(ctx, callbacks.KindWorkflow, "query")
	defer span.End(callbacks.ErrUnwound)
	if span != nil {
		span.SetInput(question)
	}
	a, err := x.query(ctx, question)
	if span != nil && err == nil {
		span.SetOutput(a.Text)
	}
	span.End(err)
	return a, err
}

func (x *Index) query(ctx context.Context, question string) (Answer, error) {
	found, err := Wrap(vectorstores.ToRetriever(x.cfg.store, x.cfg.topK, x.options...), x.h).
		GetRelevantDocuments(ctx, question)
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
