// SPDX-License-Identifier: Apache-2.0

// Package genai tests internal/genai on values of stores' clients and of gRPC,
// which the library itself does not import.
package genai
