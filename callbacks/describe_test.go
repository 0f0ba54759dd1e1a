// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/metrics"
)

const secretPrompt = "my \"card\" expires\nin May, ask Bob <bob> at السوق القديم about C:\\temp"

func asJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// leaks reports the words of secret that stand in text.
func leaks(secret, text string) []string {
	var found []string
	for _, w := range strings.FieldsFunc(secret, func(r rune) bool { return strings.ContainsRune(" \n\"<>,:\\", r) }) {
		if utf8.RuneCountInString(w) > 3 && strings.Contains(text, w) {
			found = append(found, w)
		}
	}
	return found
}

// Providers quote prompts in their errors in every way there is, and programs
// wrap these errors; with content off none of it may show, here or above.
func TestErrorsDoNotQuoteTheInput(t *testing.T) {
	python := strings.Trim(strconv.QuoteToASCII(secretPrompt), `"`)
	quotations := map[string]string{
		"wholly":             secretPrompt,
		"partly":             strings.TrimSpace(secretPrompt[4 : len(secretPrompt)/2]),
		"in quotation marks": "'" + secretPrompt + "'",
		"as a Go string":     strconv.Quote(secretPrompt),
		"in ASCII":           python,
		"as JSON":            asJSON(secretPrompt),
		"as JSON in JSON":    asJSON(`{"error":` + asJSON(secretPrompt) + `}`),
		"in a URL":           "Get \"https://x.test/?q=" + url.QueryEscape(secretPrompt) + "\": EOF",
		"in a path":          "Get \"https://x.test/" + url.PathEscape(secretPrompt) + "\": EOF",
		"on one line":        strings.Join(strings.Fields(secretPrompt), " "),
	}
	wraps := map[string]func(error) error{
		"%w":   func(err error) error { return fmt.Errorf("step failed: %w", err) },
		"text": func(err error) error { return errors.New("step failed: " + err.Error()) },
		"cut": func(err error) error {
			return errors.New("step failed: " + strings.ToValidUTF8(err.Error()[:len(err.Error())*3/4], ""))
		},
		"join": func(err error) error { return errors.Join(errBoom, err) },
	}
	for quote, text := range quotations {
		for wrap, f := range wraps {
			t.Run(quote+" "+wrap, func(t *testing.T) {
				r := newRig(t)
				ctx, flow := r.Start(context.Background(), KindWorkflow, "flow")
				ctx, step := r.Start(ctx, KindTask, "step")
				_, chat := r.Start(ctx, KindChat, "m1")
				chat.SetInput([]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, secretPrompt)})
				err := errors.New("invalid prompt: " + text + " (code 400)")
				chat.End(err)
				step.End(f(err))
				flow.End(f(f(err)))

				for _, name := range []string{"chat m1", "execute_task step", "invoke_workflow flow"} {
					got := r.status(name)
					assert.Empty(t, leaks(secretPrompt, got), "%s: %s", name, got)
					assert.NotContains(t, got, `\u0627\u0644`, name)
					assert.NotContains(t, got, "%D8%A7", name)
					assert.Contains(t, got, withheld, name)
				}
				assert.Contains(t, r.status("chat m1"), "invalid prompt: ", "the rest of the message is what helps")
				assert.Contains(t, r.status("chat m1"), "(code 400)")
			})
		}
	}
}

func TestErrorsDoNotQuoteMessagesByPointer(t *testing.T) {
	r := newRig(t)
	_, chat := r.Start(context.Background(), KindChat, "m1")
	chat.SetInput((*[]llms.MessageContent)(nil))
	chat.SetInput(&[]llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, secretPrompt)})
	chat.End(errors.New("invalid prompt: " + secretPrompt))
	assert.Equal(t, "invalid prompt: [withheld]", r.status("chat m1"))
}

func TestErrorsDoNotQuoteTheModel(t *testing.T) {
	r := newRig(t)
	ctx, agent := r.Start(context.Background(), KindAgent, "helper")
	_, chat := r.Start(ctx, KindChat, "m1")
	chat.SetOutput(answer("Final thought: the patient has measles", nil))
	chat.End(nil)
	agent.End(errors.New("unable to parse agent output: Final thought: the patient has measles"))
	assert.Equal(t, "unable to parse agent output: [withheld]", r.status("invoke_agent helper"))
}

func TestErrorsDoNotQuoteSiblings(t *testing.T) {
	r := newRig(t)
	ctx, flow := r.Start(context.Background(), KindWorkflow, "flow")
	_, get := r.Start(ctx, KindRetrieval, "books")
	get.SetOutput([]schema.Document{{PageContent: "salary of Jane Doe is 90000"}})
	get.End(nil)
	flow.End(errors.New("template: no field in: salary of Jane Doe is 90000"))
	assert.Equal(t, "template: no field in: [withheld]", r.status("invoke_workflow flow"))
}

// The question is the first text a workflow sees and the one it quotes; what
// comes after it must not push it out.
func TestErrorsDoNotQuoteTheQuestionAfterManyDocuments(t *testing.T) {
	const question = "who is Jane Doe really"
	docs := make([]schema.Document, 100)
	for i := range docs {
		docs[i].PageContent = fmt.Sprintf("document number %d of many", i)
	}
	history := make([]llms.MessageContent, 100)
	for i := range history {
		history[i] = llms.TextParts(llms.ChatMessageTypeHuman, fmt.Sprintf("message number %d of many", i))
	}
	history[99] = llms.TextParts(llms.ChatMessageTypeHuman, question)

	r := newRig(t)
	ctx, flow := r.Start(context.Background(), KindWorkflow, "flow")
	flow.SetInput(map[string]any{"q": question})
	_, get := r.Start(ctx, KindRetrieval, "books")
	get.SetInput(question)
	get.SetOutput(docs)
	get.End(errors.New("partial: " + question))
	_, chat := r.Start(ctx, KindChat, "m1")
	chat.SetInput(history)
	chat.End(errors.New("refused: " + question))
	flow.End(errors.New("answering " + question + " failed"))
	assert.Equal(t, "partial: [withheld]", r.status("retrieval books"))
	assert.Equal(t, "refused: [withheld]", r.status("chat m1"), "the newest message is the one that is quoted")
	assert.Equal(t, "answering [withheld] failed", r.status("invoke_workflow flow"))
}

func TestErrorsDoNotQuoteThroughEvents(t *testing.T) {
	r := newRig(t)
	const question = "the patient has measles"
	p := &provider{h: r}
	chain := inChain(r, func(ctx context.Context) error {
		p.h.HandleLLMGenerateContentStart(ctx, []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, question)})
		err := fmt.Errorf("bad prompt %q", question)
		p.h.HandleLLMError(ctx, err)
		return fmt.Errorf("chain: %w", err)
	})
	require.Error(t, runChain(context.Background(), chain))
	assert.Equal(t, `bad prompt "[withheld]"`, r.status("chat"))
	assert.Equal(t, `chain: bad prompt "[withheld]"`, r.status("invoke_workflow chain"))
}

// With a policy, what is quoted in an error is content like any other.
func TestErrorsQuoteByThePolicy(t *testing.T) {
	const text = "what does Bob earn?"
	for want, p := range map[string]Policy{
		"bad: " + text: Verbatim, "bad: " + Hash(text): Hash, "bad: WHAT DOES BOB EARN?": strings.ToUpper,
		"bad: [withheld]": func(string) string { panic("policy") },
	} {
		r := newRig(t, WithContent(p))
		_, s := r.Start(context.Background(), KindTask, "x")
		s.SetInput(text)
		s.End(errors.New("bad: " + text))
		assert.Equal(t, want, r.status("execute_task x"))
	}
}

func TestErrorsAreRedactedAndCut(t *testing.T) {
	r := newRig(t, WithContent(Verbatim))
	_, s := r.Start(context.Background(), KindTask, "x")
	s.End(errors.New("401: Incorrect API key provided: sk-abcdefghijklmnop, mail bob@example.com " + strings.Repeat("ش", 300)))
	got := r.status("execute_task x")
	assert.Equal(t, 256, utf8.RuneCountInString(got))
	assert.True(t, strings.HasPrefix(got, "401: Incorrect API key provided: [API_KEY], mail [EMAIL] ش"), got)
	assert.True(t, strings.HasSuffix(got, "ش…"))
}

func TestErrorsThatPanicAreErrors(t *testing.T) {
	var typedNil *customError
	var provider *llms.Error
	for name, err := range map[string]error{
		"Error panics": panickingError{}, "typed nil": typedNil, "typed nil of langchaingo": provider,
		"wrapped": fmt.Errorf("x: %w", error(panickingError{})), "typed nil in a struct": wrapped{typedNil},
		"Is panics": isPanics{},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			ctx, outer := r.Start(context.Background(), KindTask, "outer")
			_, s := r.Start(ctx, KindChat, "m1")
			require.NotPanics(t, func() {
				s.End(err)
				outer.End(err)
			})
			got := r.attrs("chat m1")["error.type"]
			assert.NotEmpty(t, got)
			assert.Len(t, r.points("gen_ai.client.operation.duration"), 1)
		})
	}
}

type panickingError struct{}

func (panickingError) Error() string { panic("Error panics") }

type isPanics struct{}

func (isPanics) Error() string { return "fine" }
func (isPanics) Is(error) bool { panic("Is panics") }

type wrapped struct{ err error }

func (w wrapped) Error() string { return w.err.Error() }
func (w wrapped) Unwrap() error { return w.err }

func TestInvalidErrorTextBecomesValid(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindTask, "x")
	s.SetInput("something\xff else entirely")
	s.End(errors.New("bad \xff\xfe byte"))
	assert.True(t, utf8.ValidString(r.status("execute_task x")))
	assert.Contains(t, r.status("execute_task x"), "byte")
}

func TestHugeErrorsAndContentAreBounded(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindTask, "x")
	// Each stretch of one is a stretch of the other: a careless search takes
	// their product, hours.
	s.SetInput(strings.Repeat("-", 8<<20))
	s.End(errors.New(strings.Repeat("-", 8<<20)))
	assert.Equal(t, withheld, r.status("execute_task x"))
}

// A task whose context outlives it, as that of a goroutine or a stream does: what
// goes on in it then is still part of the workflow.
func TestErrorsDoNotQuoteWhatCameAfterTheParentsEnd(t *testing.T) {
	prices, err := metrics.NewPrices(metrics.Price{Model: "m1", Input: 1e6})
	require.NoError(t, err)
	recorder, err := metrics.NewRecorder(nil, metrics.WithPrices(prices))
	require.NoError(t, err)
	r := newRig(t, WithRecorder(recorder))
	ctx, flow := r.Start(context.Background(), KindWorkflow, "flow")
	ctx, outer := r.Start(ctx, KindTask, "outer")
	ctx, inner := r.Start(ctx, KindTask, "inner")
	inner.End(nil)
	outer.End(nil)
	_, chat := r.Start(ctx, KindChat, "m1")
	chat.SetInput(secretPrompt)
	chat.SetUsage(metrics.Usage{Input: 2})
	failed := errors.New("invalid prompt: " + secretPrompt)
	chat.End(failed)
	flow.End(fmt.Errorf("flow: %w", failed))
	assert.Empty(t, leaks(secretPrompt, r.everything()))
	assert.Equal(t, "2", r.attrs("invoke_workflow flow")["spanloom.cost.total"])
}
