// SPDX-License-Identifier: Apache-2.0

// Package wire reads, off the HTTP responses of model servers, the few small
// facts langchaingo drops: the response's id and model, why it ended, and what
// it cost. It watches bytes on their way to somebody else and keeps none.
package wire
