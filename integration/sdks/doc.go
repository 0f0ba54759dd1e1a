// SPDX-License-Identifier: Apache-2.0

// Package sdks tests models.NewTransport with models.WithSpans on the providers' own
// clients, against servers on loopback that speak their wire formats. Each client has a
// tool loop as an example.
package sdks
