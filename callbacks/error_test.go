// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

const secretMessage = `invalid prompt "my card is 4111 1111 1111 1111, ask ann@example.com": refused`

type awsError struct{ code string }

func (e awsError) Error() string     { return "api error: " + secretMessage }
func (e awsError) ErrorCode() string { return e.code }

// With content off a description is made of facts that cannot hold a prompt.
func TestErrorsAreDescribedByFacts(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, tc := range []struct {
		reason, want, goType string
		err                  error
		status               int
		code                 string
	}{
		{"what the wire told", "HTTP 429, code insufficient_quota", "*errors.errorString", errors.New(secretMessage), 429, "insufficient_quota"},
		{"a type of langchaingo's", "rate_limit: HTTP 429, code insufficient_quota", "*llms.Error", &llms.Error{Code: "rate_limit", Message: secretMessage}, 429, "insufficient_quota"},
		{"a status in the text", "HTTP 503", "*errors.errorString", errors.New("API returned unexpected status code: 503: " + secretMessage), 0, ""},
		{"a code by a method", "callbacks.awsError: code ThrottlingException", "callbacks.awsError", fmt.Errorf("x: %w", awsError{"ThrottlingException"}), 0, ""},
		{"a code that is a sentence", "callbacks.awsError", "callbacks.awsError", awsError{secretMessage}, 0, ""},
		{"a network error", "syscall.Errno: dial: connection refused", "syscall.Errno", fmt.Errorf("Post \"https://h.test/%s\": %w", secretMessage, refused), 0, ""},
		{"no such host", "*net.DNSError: no such host", "*net.DNSError", &net.DNSError{Err: secretMessage, Name: secretMessage, IsNotFound: true}, 0, ""},
		{"a time-out", "timeout: context.deadlineExceededError", "context.deadlineExceededError", fmt.Errorf("%s: %w", secretMessage, context.DeadlineExceeded), 0, ""},
		{"nothing but a text", "_OTHER: *errors.errorString", "*errors.errorString", errors.New(secretMessage), 0, ""},
		{"texts in texts", "_OTHER: *fmt.wrapError", "*fmt.wrapError", fmt.Errorf("%s: %w", secretMessage, errors.New(secretMessage)), 0, ""},
		{"an error of langchaingo's", "max_iterations", "*fmt.wrapError", fmt.Errorf("%s: %w", secretMessage, errors.New("agent not finished before max iterations")), 0, ""},
		{"our own words", "the call did not return: panic or runtime.Goexit", "callbacks.ownError", ErrUnwound, 0, ""},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			r := newRig(t)
			ctx, flow := r.Start(t.Context(), KindWorkflow, "flow")
			_, chat := r.Start(ctx, KindChat, "m1")
			chat.SetInput(secretMessage)
			if tc.status != 0 {
				chat.SetResponse(tc.status, nil)
			}
			chat.SetAttributes(semconv.ErrorCode.String(tc.code))
			chat.End(tc.err)
			flow.End(fmt.Errorf("%s: %w", secretMessage, tc.err))
			assert.Equal(t, tc.want, r.status("chat m1"))
			events := r.span("chat m1").Events()
			require.Len(t, events, 1)
			assert.Equal(t, "exception", events[0].Name)
			assert.Equal(t, r.span("chat m1").EndTime(), events[0].Time)
			assert.Equal(t, []any{tc.goType, tc.want}, []any{events[0].Attributes[0].Value.AsString(), events[0].Attributes[1].Value.AsString()})
			for _, word := range []string{"my card", "4111 1111", "ann@", "invalid prompt", "h.test"} {
				assert.NotContains(t, r.everything(), word)
			}
		})
	}
}

func TestErrorMessagesFollowTheirPolicy(t *testing.T) {
	const redacted = `invalid prompt "my card is [CREDIT_CARD], ask [EMAIL]": refused`
	facts := "_OTHER: *errors.errorString"
	for _, tc := range []struct {
		reason, want string
		opts         []Option
		ctx          func(context.Context) context.Context
	}{
		{"no content", facts, nil, nil},
		{"content's policy", redacted, []Option{WithContent(privacy.Redact)}, nil},
		{"Hash", privacy.Hash("", secretMessage), []Option{WithContent(privacy.Hash)}, nil},
		{"a policy of their own", secretMessage, []Option{WithErrorMessages(privacy.Verbatim)}, nil},
		{"none, beside content", facts, []Option{WithContent(privacy.Verbatim), WithErrorMessages(privacy.None)}, nil},
		{"input alone: they may quote the output", facts, []Option{WithInputContent(privacy.Verbatim)}, nil},
		{"two policies: they may quote either", strings.ToUpper(redacted), []Option{WithInputContent(privacy.Redact), WithOutputContent(upper)}, nil},
		{"a context that keeps content out", facts, []Option{WithContent(privacy.Verbatim), WithErrorMessages(privacy.Verbatim)}, func(ctx context.Context) context.Context {
			return ContextWithContent(ctx, privacy.None)
		}},
		{"or the input", facts, []Option{WithContent(privacy.Verbatim)}, func(ctx context.Context) context.Context {
			return ContextWithInputContent(ctx, nil)
		}},
		{"a context with content", redacted, nil, func(ctx context.Context) context.Context {
			return ContextWithContent(ctx, privacy.Redact)
		}},
		{"a policy that panics", "[withheld]", []Option{WithErrorMessages(func(_, _ string) string { panic("no") })}, nil},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			r := newRig(t, tc.opts...)
			ctx := t.Context()
			if tc.ctx != nil {
				ctx = tc.ctx(ctx)
			}
			_, s := r.Start(ctx, KindTask, "x")
			s.End(errors.New(secretMessage))
			assert.Equal(t, tc.want, r.status("execute_task x"))
			assert.Equal(t, tc.want, r.span("execute_task x").Events()[0].Attributes[1].Value.AsString())
		})
	}
}

func TestErrorMessagesByTheEnvironment(t *testing.T) {
	for value, want := range map[string]string{"redact": "ask [EMAIL]", "VERBATIM": "ask ann@example.com", "none": "_OTHER: *errors.errorString", "": "ask [EMAIL]"} {
		t.Setenv("SPANLOOM_ERROR_MESSAGES", value)
		t.Setenv("SPANLOOM_CONTENT", "redact")
		r := newRig(t)
		_, s := r.Start(t.Context(), KindTask, "x")
		s.End(errors.New("ask ann@example.com"))
		assert.Equal(t, want, r.status("execute_task x"), value)
	}
	t.Setenv("SPANLOOM_ERROR_MESSAGES", "loud")
	h, err := NewHandler()
	require.ErrorContains(t, err, `SPANLOOM_ERROR_MESSAGES="loud"`)
	require.ErrorContains(t, err, "none, redact, hash or verbatim")
	assert.True(t, records(h.cfg.content.input), "one bad value does not silence the other variable")
}

func TestErrorMessagesAreCut(t *testing.T) {
	r := newRig(t, WithContent(privacy.Redact))
	_, s := r.Start(context.Background(), KindTask, "x")
	s.End(errors.New("401: Incorrect API key provided: sk-abcdefghijklmnop, mail bob@example.com " + strings.Repeat("ش", 8<<20)))
	got := r.status("execute_task x")
	assert.LessOrEqual(t, utf8.RuneCountInString(got), 256)
	assert.True(t, strings.HasPrefix(got, "401: Incorrect API key provided: [API_KEY], mail [EMAIL] ش"), got)
	assert.True(t, strings.HasSuffix(got, "ش…"))
}

// What an error costs does not depend on what the operation was given.
func TestErrorsCostTheSameWhateverTheInput(t *testing.T) {
	r := newRig(t)
	huge := strings.Repeat("prompt ", 1<<20)
	failed := errors.New("bad request: " + huge)
	allocs := func(input string) float64 {
		return testing.AllocsPerRun(20, func() {
			_, s := r.Start(context.Background(), KindChat, "m1")
			s.SetInput(input)
			s.End(failed)
		})
	}
	assert.InDelta(t, allocs("short"), allocs(huge), 1)
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
	r := newRig(t, WithErrorMessages(privacy.Verbatim))
	_, s := r.Start(context.Background(), KindTask, "x")
	s.End(errors.New("bad \xff\xfe byte"))
	assert.Equal(t, "bad \uFFFD byte", r.status("execute_task x"))
}

// A task's context outlives it, as that of a goroutine or a stream does: what
// goes on in it then is still part of the workflow.
func TestCostAfterTheParentsEndIsTheWorkflows(t *testing.T) {
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
	chat.SetUsage(metrics.Usage{Input: 2})
	chat.End(nil)
	flow.End(nil)
	assert.Equal(t, "2", r.attrs("invoke_workflow flow")["spanloom.cost.total"])
}

type endless struct{}

func (endless) Error() string   { return secretMessage }
func (e endless) Unwrap() error { return e }

type endlessTree struct{ errs []error }

func (*endlessTree) Error() string     { return secretMessage }
func (e *endlessTree) Unwrap() []error { return e.errs }

func TestErrorsThatWrapThemselvesEnd(t *testing.T) {
	tree := &endlessTree{}
	tree.errs = []error{tree, tree}
	for _, err := range []error{endless{}, fmt.Errorf("x: %w", endless{}), tree} {
		r := newRig(t, WithErrorMessages(privacy.Verbatim))
		_, s := r.Start(t.Context(), KindChat, "m")
		s.End(err)
		assert.Equal(t, "an error whose Unwrap leads back to it", r.status("chat m"))
		assert.Equal(t, "_OTHER", r.attrs("chat m")["error.type"])
	}
}

// What a server says of itself is cleaned as names are, and a key is no code.
func TestWhatServersSayIsClean(t *testing.T) {
	const key = "sk-proj-abcdefghijkl0123456789"
	r := newRig(t)
	_, s := r.Start(t.Context(), KindChat, "m", semconv.ProviderName.String("of ann@example.com"))
	s.SetAttributes(semconv.ResponseID.String("req for ann@example.com: hello there"), semconv.ResponseModel.String("m-"+key),
		semconv.ErrorCode.String(key))
	s.End(awsError{key})
	assert.Equal(t, "req for [EMAIL]: hello there", r.attrs("chat m")["gen_ai.response.id"])
	assert.NotContains(t, r.status("chat m"), key)
	_, s = r.Start(t.Context(), KindChat, "n")
	s.End(&llms.Error{Code: key})
	for _, p := range r.points("gen_ai.client.operation.duration") {
		assert.NotContains(t, p.labels.Encoded(attribute.DefaultEncoder()), key)
		assert.NotContains(t, p.labels.Encoded(attribute.DefaultEncoder()), "ann@")
	}
}

func TestPathsAreBounded(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	for range 1000 {
		var s *Span
		ctx, s = r.Start(ctx, KindTask, strings.Repeat("n", 20))
		defer s.End(nil)
		assert.LessOrEqual(t, len(s.path), 1100)
	}
}
