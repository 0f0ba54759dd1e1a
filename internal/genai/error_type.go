// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"
	"context"
	"errors"
	"net"
	"reflect"
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/providers"
)

// Values of error.type that are not codes of llms.Error.
const (
	ErrorCanceled = string(llms.ErrCodeCanceled)
	ErrorTimeout  = string(llms.ErrCodeTimeout)
	errorOther    = "_OTHER"
)

// ErrorType returns the error.type of err, which has few values. The error's own
// method ErrorType and the code of an llms.Error come first. Then come the end of a
// context, the HTTP status, a gRPC code and the innermost Go type.
//
// ctxErr is ctx.Err(), for providers that turn a context's error into plain text.
// A status precedes it: the server answered before the context ended.
func ErrorType(err, ctxErr error, last Exchange) (name string) {
	if err == nil {
		return ""
	}
	// A user's error may be a nil pointer, whose methods panic.
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
		if t := typed.ErrorType(); providers.IsCode(t) {
			return t
		}
	}
	var le *llms.Error
	if errors.As(err, &le) && providers.IsCode(string(le.Code)) && le.Code != llms.ErrCodeUnknown {
		return string(le.Code)
	}
	if t := contextType(err); t != "" {
		return t
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return ErrorTimeout
	}
	// This precedes the text, which may quote other statuses. A network error came
	// after the status of an earlier request.
	if last.Status >= 400 && ne == nil {
		return strconv.Itoa(last.Status)
	}
	// This precedes gRPC, to which Google's HTTP clients translate with losses.
	if code := statusCode(edges(err.Error())); code != 0 {
		return strconv.Itoa(code)
	}
	if t := grpcType(err); t != "" {
		return t
	}
	if t := contextType(ctxErr); t != "" {
		return t
	}
	switch t, _ := innermostType(err); {
	case t == ErrorTimeout, t == ErrorCanceled, last.ErrorType == "", last.ErrorType == errorOther:
		return t
	}
	return last.ErrorType
}

// Exchange is how the last HTTP request of a call ended, if that was observed.
// Clients leave it out of their errors.
type Exchange struct {
	// Status is that of the response, 0 if there was none.
	Status int
	// Code is the provider's code for the error, an identifier.
	Code string
	// ErrorType is that of the error of a request without a response.
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

// Retryable reports whether the same call may succeed later. It may after rate
// limits, time-outs and faults of the server.
func Retryable(errorType string) bool {
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

// statusCode finds the status in a text such as "unexpected status code: 500".
func statusCode(msg string) int {
	for _, marker := range providers.Known.StatusMarkers {
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

// langchaingoErrors are errors of langchaingo's own that have no type, by their
// text. Importing its agents and chains would burden every user of callbacks.
// Tests compare the texts with the variables.
var langchaingoErrors = map[string]string{
	"agent not finished before max iterations":       "max_iterations",
	"unable to parse agent output":                   "output_parsing",
	"no actions or finish was returned by the agent": "no_agent_return",
	"input to executor not string":                   "invalid_input",
	"missing key in input values":                    "invalid_input",
	"input key is of wrong type":                     "invalid_input",
	"invalid input values":                           "invalid_input",
	"missing key in output values":                   "invalid_output",
}

// untypedError names an error without a type by its text, or returns "". A long
// text is none of these, and hashing it takes long.
func untypedError(text string) string {
	const longest = 128 // bytes
	if len(text) > longest {
		return ""
	}
	return cmp.Or(langchaingoErrors[text], providers.Known.ErrorTexts[text])
}

// edges returns the parts of a long message where clients put the status.
func edges(msg string) string {
	const size = 512
	if len(msg) <= 2*size {
		return msg
	}
	return msg[:size] + "\n" + msg[len(msg)-size:]
}

// innermostType names the innermost error by its Go type. It skips types of the
// standard library that only carry text. typed is false if no other is left, and
// for errors that are known by their text.
func innermostType(err error) (name string, typed bool) {
	name = errorOther
	for depth := 0; err != nil && depth < maxUnwraps; depth++ {
		t := reflect.TypeOf(err)
		switch t.String() {
		case "*errors.errorString":
			if s := untypedError(err.Error()); s != "" {
				name, typed = s, false
			}
		case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError":
		default:
			name, typed = t.String(), true
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
	return name, typed
}

// maxUnwraps bounds the walk: an error's Unwrap may lead back to it.
const maxUnwraps = 1000
