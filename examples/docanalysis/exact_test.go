// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/spanloom/spanloom/examples/internal/backend"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/traceview"
)

// ledger stands between the program and its model, makes some calls fail, and
// keeps the books that everything else is compared with.
type ledger struct {
	llms.Model
	mu              sync.Mutex
	attempts        map[string]int
	calls, retries  int
	failed, limited map[string]bool
	input, output   int64
}

// number finds which document a prompt is about.
var number = regexp.MustCompile(`Report (\d+)\.`)

// GenerateContent implements llms.Model. One document in twenty fails for good,
// in its second task; another is limited twice, in its first.
func (l *ledger) GenerateContent(ctx context.Context, ms []llms.MessageContent, o ...llms.CallOption) (*llms.ContentResponse, error) {
	prompt := ms[0].Parts[0].(llms.TextContent).Text
	n, _ := strconv.Atoi(number.FindStringSubmatch(prompt)[1])
	l.mu.Lock()
	l.attempts[prompt]++
	try := l.attempts[prompt]
	if try == 1 {
		l.calls++
	} else {
		l.retries++
	}
	l.mu.Unlock()
	switch {
	case n%20 == 7 && strings.HasPrefix(prompt, "Classify"):
		l.note(l.failed, n)
		return nil, llms.NewError(llms.ErrCodeContentFilter, "offline", "refused")
	case n%20 == 13 && try <= 2 && strings.HasPrefix(prompt, "Summarize"):
		l.note(l.limited, n)
		return nil, llms.NewError(llms.ErrCodeRateLimit, "offline", "slow down")
	}
	res, err := l.Model.GenerateContent(ctx, ms, o...)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.input += int64(res.Choices[0].GenerationInfo["PromptTokens"].(int))
		l.output += int64(res.Choices[0].GenerationInfo["CompletionTokens"].(int))
	}
	return res, err
}

func (l *ledger) note(set map[string]bool, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	set[strconv.Itoa(n)] = true
}

// Two hundred documents, ten of which fail and ten of which are limited: the
// books, JSON, terminal, spans and metrics say the same.
func TestTwoHundredDocuments(t *testing.T) {
	const documents = 200
	files := map[string]string{}
	for i := range documents {
		files[fmt.Sprintf("report-%03d.txt", i)] = fmt.Sprintf("Report %d. The lamp %s works. Customers love it, and %d of them wrote so. Report %[1]d ends.", i, strings.Repeat("really ", i%9), i*i)
	}
	dir := write(t, files)
	b := backend.Export(t)
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "10000")
	book := &ledger{attempts: map[string]int{}, failed: map[string]bool{}, limited: map[string]bool{}}
	var out, errs bytes.Buffer
	a := newApp(&out, &errs)
	a.getenv = os.Getenv
	a.wait = 1 // nanosecond: what is waited for is not the point
	a.decorate = func(m llms.Model) llms.Model { book.Model = m; return book }
	code := a.main(t.Context(), []string{"-docs", dir, "-c", "8", "-o", "json", "-price", "0.15,0.60"})
	assert.Equal(t, 1, code)
	assert.Contains(t, errs.String(), "docanalysis: 10 of 200 documents failed")

	// The books.
	require.Len(t, book.failed, 10)
	require.Len(t, book.limited, 10)
	const retries, calls = 20, 3*documents - 10 // what failed in the second task has no third
	assert.Equal(t, calls, book.calls)
	assert.Equal(t, retries, book.retries)
	prices, err := metrics.NewPrices(metrics.Price{Model: "*", Input: 0.15, Output: 0.60})
	require.NoError(t, err)
	cost, _ := prices.Amount("", "m", metrics.Usage{Input: int(book.input), Output: int(book.output)})

	// JSON, in total and document by document.
	o := decode(t, out.String())
	assert.Equal(t, summary{Documents: documents, Succeeded: documents - 10, Failed: 10}, o.Summary.counts())
	want := traceview.Counts{Calls: calls, Errors: 10, Retries: retries, Input: book.input, Output: book.output, Cost: cost}
	assert.Equal(t, want, o.Summary.Total.Counts)
	var sum traceview.Counts
	for _, r := range o.Documents {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.Document, "report-"), ".txt"))
		assert.Equal(t, book.failed[strconv.Itoa(n)], r.Error != "", r.Document)
		assert.Equal(t, r.Error == "", len(r.Keywords) > 0)
		sum = add(sum, r.Used)
	}
	assert.Equal(t, want, sum)

	// The terminal's last line.
	assert.Contains(t, errs.String(), fmt.Sprintf("200 documents: 190 analysed, 10 failed, 0 skipped; 20 retries, %d → %d tokens, $%.6f\n",
		book.input, book.output, cost.Float64()))

	// The spans that a backend got.
	var spans traceview.Counts
	workflows, failed := 0, 0
	for _, s := range b.Spans() {
		number := func(key string) int64 {
			n, _ := strconv.ParseInt(oteltest.Value(s, attribute.Key(key)), 10, 64)
			return n
		}
		bad := s.Status().Code == codes.Error
		switch {
		case s.Name() == "invoke_workflow document_analysis_pipeline":
			workflows++
			if bad {
				failed++
			}
			if v := oteltest.Value(s, "spanloom.cost.total"); v != "" {
				usd, _ := strconv.ParseFloat(v, 64)
				spans.Cost = spans.Cost.Add(dollars(usd))
			}
		case strings.HasPrefix(s.Name(), "chat "):
			spans.Calls++
			if bad {
				spans.Errors++
			}
			for _, e := range s.Events() {
				if e.Name == "retry" {
					spans.Retries++
				}
			}
			spans.Input += number("gen_ai.usage.input_tokens")
			spans.Output += number("gen_ai.usage.output_tokens")
		}
	}
	assert.Equal(t, documents, workflows)
	assert.Equal(t, 10, failed)
	assert.Equal(t, want, spans)

	// The metrics that a backend got.
	_, n := b.Metric("gen_ai.invoke_workflow.duration")
	assert.Equal(t, documents, n)
	_, n = b.Metric("gen_ai.invoke_workflow.duration", "error.type", "*")
	assert.Equal(t, 10, n)
	_, n = b.Metric("gen_ai.client.operation.duration")
	assert.Equal(t, calls, n)
	_, n = b.Metric("gen_ai.client.operation.duration", "error.type", "content_filter")
	assert.Equal(t, 10, n)
	got, _ := b.Metric("spanloom.retries")
	assert.Equal(t, float64(retries), got)
	got, _ = b.Metric("gen_ai.client.token.usage", "gen_ai.token.type", "input")
	assert.Equal(t, float64(book.input), got)
	got, _ = b.Metric("gen_ai.client.token.usage", "gen_ai.token.type", "output")
	assert.Equal(t, float64(book.output), got)
	got, _ = b.Metric("gen_ai.usage.cost")
	assert.Equal(t, cost, dollars(got))
}

func add(a, b traceview.Counts) traceview.Counts {
	return traceview.Counts{
		Calls: a.Calls + b.Calls, Errors: a.Errors + b.Errors, Retries: a.Retries + b.Retries,
		Input: a.Input + b.Input, Output: a.Output + b.Output, Cost: a.Cost.Add(b.Cost), Unpriced: a.Unpriced + b.Unpriced,
	}
}

// dollars is the exact amount that a float was made of.
func dollars(f float64) metrics.USD { return metrics.USD(math.Round(f * float64(metrics.Dollar))) }
