// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"context"
	"errors"
	"fmt"
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
			assert.Equal(t, tt.want, ErrorType(tt.err, tt.ctxErr, 0), "reason: %s", tt.reason)
		})
	}
}

func TestErrorTypeFromTheStatusSeen(t *testing.T) {
	assert.Equal(t, "500", ErrorType(errors.New("boom"), nil, 500), "Ollama's client keeps the text and drops the status")
	assert.Equal(t, "404", ErrorType(errors.New("status code: 404"), nil, 500), "the error knows better than the last response")
	assert.Equal(t, "_OTHER", ErrorType(errors.New("boom"), nil, 200), "a fault of the client's after a good answer")
	assert.Equal(t, "*net.OpError", ErrorType(&url.Error{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, nil, 429),
		"the attempt after the rate limit did not reach the server")
	assert.Empty(t, ErrorType(nil, nil, 500))
}
