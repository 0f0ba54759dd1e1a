// SPDX-License-Identifier: Apache-2.0

package genai_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/spanloom/spanloom/internal/genai"
)

func TestErrorTypeOfGRPC(t *testing.T) {
	tests := []struct {
		name, want, reason string
		err, ctxErr        error
	}{
		{"gRPC, rate limit", "rate_limit", "Vertex's client", fmt.Errorf("a: %w", status.Error(codes.ResourceExhausted, "quota")), nil},
		{"gRPC, unavailable", "provider_unavailable", "", status.Error(codes.Unavailable, "try later"), nil},
		{"gRPC, deadline", "timeout", "it may be the server's", status.Error(codes.DeadlineExceeded, "late"), nil},
		{"gRPC, canceled", "canceled", "", status.Error(codes.Canceled, "enough"), nil},
		{"gRPC, invalid", "invalid_request", "", status.Error(codes.InvalidArgument, "no such model"), nil},
		{"gRPC, internal", "INTERNAL", "langchaingo has no code for it", status.Error(codes.Internal, "boom"), nil},
		{"gRPC behind HTTP", "502", "Google's HTTP clients translate, and gRPC has no such code", fmt.Errorf("googleapi: Error 502: %w", status.Error(codes.Unavailable, "x")), nil},
		{"gRPC, a new code", "*status.Error", "", status.Error(99, "x"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, genai.ErrorType(tt.err, tt.ctxErr, genai.Exchange{}), "reason: %s", tt.reason)
		})
	}
}
