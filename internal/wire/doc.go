// SPDX-License-Identifier: Apache-2.0

// Package wire reads HTTP responses of model servers as they pass, in bounded
// memory. It finds what langchaingo drops: id, model, finish reasons, token usage
// and error code. Package providers declares where they stand.
package wire
