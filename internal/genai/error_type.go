// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/internal/semconv"
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
	if typed, ok := errors.AsType[interface {
		error
		ErrorType() string
	}](err); ok && providers.IsCode(typed.ErrorType()) {
		return typed.ErrorType()
	}
	if le, ok := errors.AsType[*llms.Error](err); ok && providers.IsCode(string(le.Code)) && le.Code != llms.ErrCodeUnknown {
		return string(le.Code)
	}
	if t := contextType(err); t != "" {
		return t
	}
	ne, isNetwork := errors.AsType[net.Error](err)
	if isNetwork && ne.Timeout() {
		return ErrorTimeout
	}
	// This precedes the text, which may quote other statuses. A network error came
	// after the status of an earlier request.
	if last.Status >= 400 && !isNetwork {
		return strconv.Itoa(last.Status)
	}
	// This precedes gRPC, to which Google's HTTP clients translate with losses.
	if code := statusCode(err.Error()); code != 0 {
		return strconv.Itoa(code)
	}
	if t := grpcType(err); t != "" {
		return t
	}
	if t := contextType(ctxErr); t != "" {
		return t
	}
	t, _ := innermostType(err)
	if t == ErrorTimeout || t == ErrorCanceled || last.ErrorType == "" || last.ErrorType == errorOther {
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

// RetryEvent is the event of a further attempt.
const RetryEvent = "retry"

// RetryAttributes are those of RetryEvent.
func RetryAttributes(attempt int, wait time.Duration, errorType string) []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.RetryAttempt.Int(attempt), semconv.RetryWait.Float64(wait.Seconds()), semconv.ErrorType.String(errorType),
	}
}

// maxUnwraps is more than any chain of errors that people make.
const maxUnwraps = 1000

// wrapped yields err and all that it wraps, each before what it wraps itself. It
// ends after maxUnwraps, since an Unwrap may lead back to its error.
func wrapped(err error) iter.Seq[error] {
	return func(yield func(error) bool) {
		left := maxUnwraps
		visit(err, &left, yield)
	}
}

func visit(err error, left *int, yield func(error) bool) bool {
	for err != nil {
		if *left--; *left < 0 || !yield(err) {
			return false
		}
		switch u := err.(type) { //nolint:errorlint // the chain is walked by hand to bound it
		case interface{ Unwrap() error }:
			err = u.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if !visit(e, left, yield) {
					return false
				}
			}
			return true
		default:
			return true
		}
	}
	return true
}

// IsEndless reports whether the chain of what an error wraps leads back to it or is
// longer than maxUnwraps. errors.As would not come to its end.
func IsEndless(err error) bool {
	defer func() { _ = recover() }() // of an Unwrap of the program's
	return len(slices.Collect(wrapped(err))) == maxUnwraps
}

// AsType is errors.AsType for errors that may be endless. It asks no As method.
func AsType[E error](err error) (found E, ok bool) {
	for e := range wrapped(err) {
		if found, ok = e.(E); ok { //nolint:errorlint // the chain is walked by hand to bound it
			break
		}
	}
	return found, ok
}

// Is is errors.Is for errors that may be endless. The target must be comparable.
func Is(err, target error) bool {
	for e := range wrapped(err) {
		is, ok := e.(interface{ Is(target error) bool })
		if e == target || ok && is.Is(target) { //nolint:errorlint // the chain is walked by hand to bound it
			return true
		}
	}
	return false
}

// statusCode finds the status in a text such as "unexpected status code: 500".
func statusCode(msg string) int {
	const edge = 512 // of a long message: clients put the status at one
	if len(msg) > 2*edge {
		msg = msg[:edge] + "\n" + msg[len(msg)-edge:]
	}
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

// innermostType names the innermost error by its Go type. It skips types of the
// standard library that only carry text. typed is false if no other is left, and
// for errors that are known by their text.
func innermostType(err error) (name string, typed bool) {
	name = errorOther
	for e := range wrapped(err) {
		switch t := reflect.TypeOf(e).String(); t {
		case "*errors.errorString":
			if s := untypedError(e.Error()); s != "" {
				name, typed = s, false
			}
		case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError":
		default:
			name, typed = t, true
		}
	}
	return name, typed
}

// errorInternal is gRPC's equivalent of HTTP's status 500.
const errorInternal = "INTERNAL"

// grpcTypes are gRPC's codes by number (google.golang.org/grpc/codes). Those that
// langchaingo has no code for keep gRPC's name.
var grpcTypes = [...]string{
	1:  ErrorCanceled,
	2:  "UNKNOWN",
	3:  string(llms.ErrCodeInvalidRequest),
	4:  ErrorTimeout,
	5:  string(llms.ErrCodeResourceNotFound),
	6:  "ALREADY_EXISTS",
	7:  "PERMISSION_DENIED",
	8:  string(llms.ErrCodeRateLimit), // RESOURCE_EXHAUSTED
	9:  "FAILED_PRECONDITION",
	10: "ABORTED",
	11: "OUT_OF_RANGE",
	12: string(llms.ErrCodeNotImplemented),
	13: errorInternal,
	14: string(llms.ErrCodeProviderUnavailable),
	15: "DATA_LOSS",
	16: string(llms.ErrCodeAuthentication),
}

// grpcType classifies the error of a gRPC client, such as Vertex's, and returns ""
// for others. It finds the methods by name, since an import would bring gRPC into
// every program.
func grpcType(err error) string {
	for e := range wrapped(err) {
		code := callGetter(callGetter(reflect.ValueOf(e), "GRPCStatus"), "Code")
		if code.CanUint() && code.Uint() < uint64(len(grpcTypes)) {
			return grpcTypes[code.Uint()]
		}
	}
	return ""
}

// callGetter calls a method that takes nothing and returns one value. The result is
// not valid if there is none.
func callGetter(v reflect.Value, name string) reflect.Value {
	if !v.IsValid() {
		return v
	}
	method := v.MethodByName(name)
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return reflect.Value{}
	}
	return method.Call(nil)[0]
}
