// SPDX-License-Identifier: Apache-2.0

// Package metrics records tokens, seconds and US dollars of GenAI operations with
// the instruments and bucket boundaries of OpenTelemetry's GenAI conventions. A
// callbacks.Handler makes a [Recorder] by itself and has options for [Prices] and for
// an [Observer]. Amounts of money are exact ([USD]), and a model without a price is
// counted and reported, never taken for free.
// Metric attributes come from a fixed list of low cardinality (docs/telemetry.md);
// user ids, sessions and content never become one. Alerts are in package
// metrics/alert.
package metrics
