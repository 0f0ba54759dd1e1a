// SPDX-License-Identifier: Apache-2.0

// Package metrics records what GenAI operations cost: tokens, seconds and,
// where prices are set, US dollars.
//
// A [Recorder] holds the instruments of OpenTelemetry's GenAI metrics, with
// the bucket boundaries the convention recommends. callbacks.Handler makes one
// by itself; make your own to set prices or a [Monitor] and pass it with
// callbacks.WithRecorder.
//
// Metric attributes come from a fixed list of low cardinality: operation,
// provider, model, server, error type, and the names of workflow, agent, tool
// and collection. User ids, sessions and content never become labels.
package metrics
