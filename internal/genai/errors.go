// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"context"
	"errors"
	"net"
	"reflect"
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/privacy"
)

// Values of error.type that are not codes of llms.Error.
const (
	ErrorCanceled = string(llms.ErrCodeCanceled)
	ErrorTimeout  = string(llms.ErrCodeTimeout)
	errorOther    = "_OTHER"
)

// ErrorType returns the low-cardinality error.type of err: the code of an
// llms.Error, "canceled" or "timeout" for context errors, the HTTP status code
// was seen or that a provider put into the text, what the error of a request
// without response was, else the Go type of the innermost error that has one
// worth naming, else "_OTHER". ctxErr is ctx.Err(): several providers turn a
// context error into plain text, and then only the context knows; but a status
// tells that the server had answered before the context ended.
func ErrorType(err, ctxErr error, last Exchange) (name string) {
	if err == nil {
		return ""
	}
	// The error may be a user's, and a nil pointer in it panics when asked.
	defer func() {
		if recover() != nil {
			name = errorOther
		}
	}()
	if IsEndless(err) {
		return errorOther
	}
	var typed interface{ ErrorType() string }
	if errors.As(err, &typed) {
		if t := typed.ErrorType(); isCode(t) {
			return t
		}
	}
	var le *llms.Error
	if errors.As(err, &le) && isCode(string(le.Code)) && le.Code != llms.ErrCodeUnknown {
		return string(le.Code)
	}
	if t := contextType(err); t != "" {
		return t
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return ErrorTimeout
	}
	// The text may quote other statuses than its own. A network error came after
	// whatever status there was before.
	if last.Status >= 400 && ne == nil {
		return strconv.Itoa(last.Status)
	}
	// Google's HTTP clients translate the status to gRPC's, too, and lose some.
	if code := statusCode(edges(err.Error())); code != 0 {
		return strconv.Itoa(code)
	}
	if t := grpcType(err); t != "" {
		return t
	}
	if t := contextType(ctxErr); t != "" {
		return t
	}
	switch t := typeName(err); {
	case t == ErrorTimeout, t == ErrorCanceled, last.ErrorType == "", last.ErrorType == errorOther:
		return t
	}
	return last.ErrorType
}

// Exchange is how the last HTTP request of a call went, where something watched
// it: clients hide either from their errors.
type Exchange struct {
	// Status is that of the response, 0 if there was none.
	Status int
	// Code is the provider's code for the error, an identifier.
	Code string
	// ErrorType is what kept the request from a response.
	ErrorType string
}

func contextType(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return ErrorCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return ErrorTimeout
	}
	return ""
}

// Passing reports whether a failure of this type (see [ErrorType]) may be over
// when the same call is made again: rate limits, time-outs and faults of the
// server.
func Passing(errorType string) bool {
	switch errorType {
	case string(llms.ErrCodeRateLimit), string(llms.ErrCodeProviderUnavailable), ErrorTimeout, errorInternal, "408", "429":
		return true
	}
	return len(errorType) == 3 && errorType[0] == '5'
}

// IsEndless reports whether the chain of what an error wraps leads back to it or is
// longer than any that people make. errors.As would not come to its end.
func IsEndless(err error) (endless bool) {
	defer func() {
		if recover() != nil { // of an Unwrap of the program's
			endless = false
		}
	}()
	left := maxUnwraps
	return isEndless(err, &left)
}

func isEndless(err error, left *int) bool {
	for err != nil {
		if *left--; *left < 0 {
			return true
		}
		switch u := err.(type) { //nolint:errorlint // the chain is walked by hand to bound it
		case interface{ Unwrap() error }:
			err = u.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if isEndless(e, left) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

// isCode tells a code from a text: error.type is a metric label, and an error of
// a user's may answer with anything.
func isCode(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '.' && r != '-' {
			return false
		}
	}
	// A key has the letters of a code.
	return s != "" && len(s) <= 64 && privacy.RedactName(s) == s
}

// statusMarkers stand before the status in the texts of clients that do not
// tell it otherwise.
var statusMarkers = []string{
	"status code: ",     // OpenAI, Anthropic, Hugging Face, Ernie
	"googleapi: Error ", // Google AI
	"HTTP Error ",       // Mistral
	"StatusCode: ",      // AWS
}

// statusCode finds the status in a text such as "unexpected status code: 500".
func statusCode(msg string) int {
	for _, marker := range statusMarkers {
		_, digits, ok := strings.Cut(msg, marker)
		if !ok || len(digits) < 3 {
			continue
		}
		n, err := strconv.Atoi(digits[:3])
		if err == nil && n >= 400 && n <= 599 && (len(digits) == 3 || digits[3] < '0' || digits[3] > '9') {
			return n
		}
	}
	return 0
}

// errorNetwork is a request that did not reach the server, of which the client
// does not say why.
const errorNetwork = "network"

// sentinels names langchaingo's own errors, which have no type to tell them
// apart. They are known by text, since importing its agents and chains would
// burden every user of callbacks; tests compare with the variables, and with the
// source of OpenAI's client, which puts such texts in the place of every error of
// the HTTP client.
var sentinels = map[string]string{
	"request cancelled":                                   ErrorCanceled,
	"request timeout: API call exceeded deadline":         ErrorTimeout,
	"request timeout: network operation exceeded timeout": ErrorTimeout,
	"network error: failed to reach API server":           errorNetwork,

	"agent not finished before max iterations":       "max_iterations",
	"unable to parse agent output":                   "output_parsing",
	"no actions or finish was returned by the agent": "no_agent_return",
	"input to executor not string":                   "invalid_input",
	"missing key in input values":                    "invalid_input",
	"input key is of wrong type":                     "invalid_input",
	"invalid input values":                           "invalid_input",
	"missing key in output values":                   "invalid_output",
}

// longestSentinel is in bytes.
const longestSentinel = 128

// edges returns the parts of a long message in which a client puts the status.
func edges(msg string) string {
	const size = 512
	if len(msg) <= 2*size {
		return msg
	}
	return msg[:size] + "\n" + msg[len(msg)-size:]
}

// typeName is langchaingo's own name for an error, else the innermost type.
func typeName(err error) string {
	name, _ := innermostType(err)
	return name
}

// innermostType walks to the innermost error and names it, unless it is one of the
// standard library's anonymous carriers of text. named is false then, and for
// the sentinels of langchaingo, which have names but no type.
func innermostType(err error) (name string, named bool) {
	name = errorOther
	for depth := 0; err != nil && depth < maxUnwraps; depth++ {
		t := reflect.TypeOf(err)
		switch t.String() {
		case "*errors.errorString":
			// A long message is no sentinel, and hashing it takes long.
			if msg := err.Error(); len(msg) > longestSentinel {
				break
			} else if s, ok := sentinels[msg]; ok {
				name, named = s, false
			}
		case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError":
		default:
			name, named = t.String(), true
		}
		switch u := err.(type) { //nolint:errorlint // the chain is walked by hand to name each link
		case interface{ Unwrap() error }:
			err = u.Unwrap()
		case interface{ Unwrap() []error }:
			if errs := u.Unwrap(); len(errs) > 0 {
				err = errs[len(errs)-1]
			} else {
				err = nil
			}
		default:
			err = nil
		}
	}
	return name, named
}

// maxUnwraps bounds the walk: an error's Unwrap may lead back to it.
const maxUnwraps = 1000
