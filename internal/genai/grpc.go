// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"errors"
	"reflect"

	"github.com/tmc/langchaingo/llms"
)

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
	for ; err != nil; err = errors.Unwrap(err) {
		status := callGetter(reflect.ValueOf(err).MethodByName("GRPCStatus"))
		if !status.IsValid() {
			continue
		}
		code := callGetter(status.MethodByName("Code"))
		if code.IsValid() && code.CanUint() && code.Uint() < uint64(len(grpcTypes)) {
			return grpcTypes[code.Uint()]
		}
	}
	return ""
}

// callGetter calls a method that takes nothing and returns one value. For other
// methods the result is not valid.
func callGetter(method reflect.Value) reflect.Value {
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return reflect.Value{}
	}
	return method.Call(nil)[0]
}
