// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"
)

type named string

func (n named) Error() string     { return "named" }
func (n named) ErrorType() string { return string(n) }

type pointed struct{ msg string }

func (p *pointed) Error() string { return p.msg }

func TestErrorType(t *testing.T) {
	_, atoi := strconv.Atoi("x")
	plain := errors.New("plain")
	var nilPointer *pointed
	var nilLLM *llms.Error
	tests := []struct {
		name, want, reason string
		err, ctxErr        error
	}{
		{"no error", "", "a cancelled context alone is no failure", nil, context.Canceled},
		{"code", "rate_limit", "langchaingo's own classification is the best there is", fmt.Errorf("call: %w", llms.NewError(llms.ErrCodeRateLimit, "openai", "slow down")), nil},
		{"code beats the context", "authentication", "the provider answered before the cancellation", llms.NewError(llms.ErrCodeAuthentication, "openai", "no"), context.Canceled},
		{"unknown code", "*strconv.NumError", "unknown says less than the cause", llms.NewError(llms.ErrCodeUnknown, "x", "y").WithCause(atoi), nil},
		{"unknown code, no cause", "*llms.Error", "", llms.NewError(llms.ErrCodeUnknown, "x", "y"), nil},
		{"own type", "quota", "an error may say it itself", fmt.Errorf("a: %w", named("quota")), nil},
		{"own type, empty", "genai.named", "error.type must not be empty on an error", named(""), nil},
		{"canceled", "canceled", "", fmt.Errorf("a: %w", context.Canceled), nil},
		{"deadline", "timeout", "", fmt.Errorf("a: %w", context.DeadlineExceeded), context.Canceled},
		{"sanitized deadline", "timeout", "openaiclient.go:213 turns it into text, and only the context knows", errors.New("request timeout: API call exceeded deadline"), context.DeadlineExceeded},
		{"sanitized cancel", "canceled", "the same", errors.New("request cancelled"), context.Canceled},
		{"sanitized deadline of the HTTP client's", "timeout", "http.Client.Timeout leaves the call's context alone", errors.New("request timeout: network operation exceeded timeout"), nil},
		{"sanitized network error", "network", "openaiclient.go:240 hides which", fmt.Errorf("a: %w", errors.New("network error: failed to reach API server")), nil},
		{"status beats the context", "401", "the server had answered before the context ended", errors.New("API returned unexpected status code: 401"), context.Canceled},
		{"no gRPC after all", "genai.grpcLike", "a method of that name may be anything", grpcLike{}, nil},
		{"network timeout", "timeout", "", &url.Error{Op: "Post", URL: "u", Err: os.ErrDeadlineExceeded}, nil},
		{"status", "500", "the status is only in the text", errors.New("API returned unexpected status code: 500: boom"), nil},
		{"status, hugging face", "429", "its spelling has a body behind a comma", errors.New("unexpected status code: 429, body: x"), nil},
		{"status, google", "429", "", errors.New("googleapi: Error 429: Resource has been exhausted"), nil},
		{"status, mistral", "503", "", errors.New("(HTTP Error 503) overloaded"), nil},
		{"status, aws", "400", "", errors.New("operation error Bedrock Runtime: InvokeModel, https response error StatusCode: 400, RequestID: x, ValidationException: y"), nil},
		{"status at the end", "404", "", errors.New("unexpected status code: 404"), nil},
		{"status that is none", "_OTHER", "four digits", errors.New("status code: 5000"), nil},
		{"status of success", "_OTHER", "200 is no error type", errors.New("unexpected status code: 200"), nil},
		{"status cut off", "_OTHER", "", errors.New("status code: 5"), nil},
		{"innermost type", "*net.OpError", "the inner type says more than the wrappers", fmt.Errorf("a: %w", &url.Error{Err: &net.OpError{Op: "dial", Err: plain}}), nil},
		{"joined", "*strconv.NumError", "the last of several", errors.Join(plain, atoi), nil},
		{"plain", "_OTHER", "errors.New has no type worth a name", fmt.Errorf("%w and %w", plain, plain), nil},
		{"text is not a type", "_OTHER", "cardinality stays low", errors.New("user 4711 not found"), nil},
		{"nil pointer", "_OTHER", "asking it for its text panics", nilPointer, nil},
		{"nil *llms.Error", "_OTHER", "asking it for its code panics", nilLLM, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, ErrorType(tt.err, tt.ctxErr, Exchange{}), "reason: %s", tt.reason)
		})
	}
}

// grpcLike has the method's name, and another's meaning.
type grpcLike struct{}

func (grpcLike) Error() string          { return "x" }
func (grpcLike) GRPCStatus(string) bool { return true }

func TestErrorTypeFromTheLastExchange(t *testing.T) {
	seen := func(code int) Exchange { return Exchange{Status: code} }
	refused := &url.Error{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}
	for _, tt := range []struct {
		want, reason string
		err, ctxErr  error
		last         Exchange
	}{
		{"500", "Ollama's client keeps the text and drops the status", errors.New("boom"), nil, seen(500)},
		{"400", "a text may quote another status", errors.New(`googleapi: Error 400: bad tool result "status code: 404"`), nil, seen(400)},
		{"429", "it was the answer, whatever the context has come to since", errors.New("slow down"), context.DeadlineExceeded, seen(429)},
		{"canceled", "an error that is the context's says so itself", fmt.Errorf("a: %w", context.Canceled), nil, seen(429)},
		{"_OTHER", "a fault of the client's after a good answer", errors.New("boom"), nil, seen(200)},
		{"*net.OpError", "the attempt after the rate limit did not reach the server", refused, nil, seen(429)},
		{"timeout", "the client hid it", errors.New("boom"), nil, Exchange{ErrorType: "timeout"}},
		{"*net.OpError", "the wire knows which", errors.New("network error: failed to reach API server"), nil, Exchange{ErrorType: "*net.OpError"}},
		{"canceled", "the caller's context says more than what it did to the request", errors.New("boom"), context.Canceled, Exchange{ErrorType: "timeout"}},
		{"timeout", "http.Client cancels the request of an older kind of RoundTripper without saying why", errors.New("request timeout: network operation exceeded timeout"), nil, Exchange{ErrorType: "_OTHER"}},
		{"", "no error", nil, nil, seen(500)},
	} {
		assert.Equal(t, tt.want, ErrorType(tt.err, tt.ctxErr, tt.last), tt.reason)
	}
}

func TestPassing(t *testing.T) {
	for name, want := range map[string]bool{
		"": false, "rate_limit": true, "timeout": true, "provider_unavailable": true, "INTERNAL": true, "408": true, "429": true, "500": true, "529": true,
		"400": false, "401": false, "canceled": false, "network": false, "_OTHER": false, "invalid_request": false, "5xx.": false,
	} {
		assert.Equal(t, want, Retryable(name), name)
	}
}

// cyclic is an error whose Unwrap leads back to it.
type cyclic struct{}

func (cyclic) Error() string { return "cyclic" }
func (cyclic) Unwrap() error { return cyclic{} }

type saysYes struct{ error }

func (saysYes) Is(error) bool { return true }

func TestErrorsInEndlessChains(t *testing.T) {
	below := &url.Error{Op: "Get", URL: "u", Err: cyclic{}}
	for _, err := range []error{below, errors.Join(io.EOF, below), fmt.Errorf("%w", below)} {
		found, ok := AsType[*url.Error](err)
		assert.True(t, ok)
		assert.Same(t, below, found)
		assert.False(t, Is(err, io.ErrUnexpectedEOF))
	}
	_, ok := AsType[*url.Error](cyclic{})
	assert.False(t, ok)
	assert.True(t, Is(errors.Join(cyclic{}, io.EOF), cyclic{}))
	assert.True(t, Is(fmt.Errorf("%w", io.EOF), io.EOF))
	assert.True(t, Is(saysYes{io.EOF}, io.ErrNoProgress))
	assert.False(t, Is(nil, io.EOF))
}
