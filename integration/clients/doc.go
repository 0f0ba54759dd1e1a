// SPDX-License-Identifier: Apache-2.0

// Package clients tests models.Wrap and models.NewTransport on each of
// langchaingo's clients against a server on loopback. Some clients bring an SDK
// that the library itself does not need.
package clients
