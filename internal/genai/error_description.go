// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"syscall"

	"github.com/spanloom/spanloom/internal/providers"
)

// DescribeError describes an error without words of its message, which may hold a
// prompt: "rate_limit: HTTP 429, code insufficient_quota".
func DescribeError(err error, errorType string, last Exchange) string {
	status := last.Status
	if status < http.StatusBadRequest {
		status = statusCode(err.Error())
	}
	var details []string
	if status != 0 {
		details = append(details, "HTTP "+strconv.Itoa(status))
	}
	if code := errorCode(err, last); code != "" && code != errorType && code != strconv.Itoa(status) {
		details = append(details, "code "+code)
	}
	if _, typed := innermostType(err); len(details) == 0 && (typed || errorType == errorOther) {
		if detail := cmp.Or(networkError(err), ErrorGoType(err)); detail != errorType {
			details = append(details, detail)
		}
	}
	text := strings.Join(details, ", ")
	if text == "" || errorType == strconv.Itoa(status) {
		return cmp.Or(text, errorType)
	}
	return errorType + ": " + text
}

// errorCode is the provider's own code, from the response or from a method of the
// error.
func errorCode(err error, last Exchange) string {
	if providers.IsCode(last.Code) {
		return last.Code
	}
	// Methods of a nil pointer in an error panic; the caller recovers.
	for e := range wrapped(err) {
		var code string
		switch e := e.(type) { //nolint:errorlint // the chain is walked by hand to bound it
		case interface{ ErrorCode() string }: // smithy.APIError
			code = e.ErrorCode()
		case interface{ SQLState() string }:
			code = e.SQLState()
		case interface{ Reason() string }: // gax's apierror
			code = e.Reason()
		}
		if providers.IsCode(code) {
			return code
		}
	}
	return ""
}

// networkError says in the operating system's words why a request did not reach
// the server.
func networkError(err error) string {
	if lookup, ok := errors.AsType[*net.DNSError](err); ok && lookup.IsNotFound {
		return "no such host"
	}
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return ""
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && providers.IsCode(op.Op) {
		return op.Op + ": " + errno.Error()
	}
	return errno.Error()
}

// ErrorGoType is the Go type of the innermost error that has one worth naming, or
// that of the error itself.
func ErrorGoType(err error) (name string) {
	defer func() {
		if recover() != nil {
			name = errorOther
		}
	}()
	if name, typed := innermostType(err); typed {
		return name
	}
	return reflect.TypeOf(err).String()
}
