// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"errors"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"syscall"
)

// ErrorFacts describes an error of the given type by what cannot hold a prompt:
// "rate_limit: HTTP 429, code insufficient_quota". It never has words of the
// error's message.
func ErrorFacts(err error, errorType string, last Exchange) string {
	status := last.Status
	if status < http.StatusBadRequest {
		status = statusCode(edges(err.Error()))
	}
	var facts []string
	if status != 0 {
		facts = append(facts, "HTTP "+strconv.Itoa(status))
	}
	if code := errorCode(err, last); code != "" && code != errorType && code != strconv.Itoa(status) {
		facts = append(facts, "code "+code)
	}
	if len(facts) == 0 {
		if fact := networkFact(err); fact != "" {
			facts = append(facts, fact)
		} else if t, named := innermostType(err); named && t != errorType {
			facts = append(facts, t)
		} else if !named && errorType == errorOther {
			facts = append(facts, ErrorGoType(err))
		}
	}
	switch {
	case len(facts) == 0:
		return errorType
	case errorType == strconv.Itoa(status):
		return strings.Join(facts, ", ")
	}
	return errorType + ": " + strings.Join(facts, ", ")
}

// errorCode is the provider's own code, where the wire or a method of the error
// tells it.
func errorCode(err error, last Exchange) string {
	if isCode(last.Code) {
		return last.Code
	}
	// Methods of a nil pointer in an error panic; the caller recovers.
	var code string
	if aws, ok := errors.AsType[interface { // smithy.APIError
		error
		ErrorCode() string
	}](err); ok {
		code = aws.ErrorCode()
	} else if postgres, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		code = postgres.SQLState()
	} else if google, ok := errors.AsType[interface { // gax's apierror
		error
		Reason() string
	}](err); ok {
		code = google.Reason()
	}
	if isCode(code) {
		return code
	}
	return ""
}

// networkFact says in the operating system's words what kept a request from the
// server.
func networkFact(err error) string {
	var (
		lookup *net.DNSError
		op     *net.OpError
		errno  syscall.Errno
	)
	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return "no such host"
	case errors.As(err, &errno):
		if errors.As(err, &op) && isCode(op.Op) {
			return op.Op + ": " + errno.Error()
		}
		return errno.Error()
	}
	return ""
}

// ErrorGoType is the Go type of the innermost error that has one worth naming,
// else that of the error itself.
func ErrorGoType(err error) (name string) {
	defer func() {
		if recover() != nil {
			name = errorOther
		}
	}()
	if name, named := innermostType(err); named {
		return name
	}
	return reflect.TypeOf(err).String()
}
