// SPDX-License-Identifier: Apache-2.0

// Package otlp tests what spanloom.Init sends to a backend, decoded with the
// types that OTLP's own module generates.
package otlp
