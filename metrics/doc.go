// SPDX-License-Identifier: Apache-2.0

// Package metrics records what GenAI operations cost: tokens, seconds and,
// where prices are set, US dollars.
//
// A [Recorder] holds the instruments of OpenTelemetry's GenAI metrics, with
// the bucket boundaries the convention recommends. callbacks.Handler makes one
// by itself; make your own to set prices or a [Monitor] and pass it with
// callbacks.WithRecorder.
//
// [Prices] turn tokens into dollars, by provider and model: [DefaultPrices], a
// file ([LoadPrices]) or your own. Amounts are exact ([USD]), and a model without
// a price is counted and told of, never taken for free.
//
// A [Monitor] judges what the Recorder records by [Rule] over sliding windows,
// and tells functions, logs and a [Webhook]. It needs no backend; for Prometheus,
// docs/alerts has the same rules.
//
// Metric attributes come from a fixed list of low cardinality: operation,
// provider, model, server, error type, and the names of workflow, agent, tool
// and collection. User ids, sessions and content never become labels.
package metrics
