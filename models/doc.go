// SPDX-License-Identifier: Apache-2.0

// Package models instruments langchaingo's llms.Model.
//
// [Wrap] makes a "chat {model}" span of every call, with request parameters,
// finish reasons and token usage, and records gen_ai.client.token.usage and
// gen_ai.client.operation.duration. [NewTransport] is an http.RoundTripper for
// the provider's HTTP client that adds what langchaingo does not pass on.
// [Retry] repeats calls that failed for a passing reason.
//
// All attempts of a call are one span, whichever is outside: Retry(Wrap(m, h)) is
// Wrap(Retry(m), h).
package models
