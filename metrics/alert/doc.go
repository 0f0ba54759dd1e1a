// SPDX-License-Identifier: Apache-2.0

// Package alert watches what a metrics.Recorder records and sends alerts, without a
// backend. A [Monitor] is a metrics.Observer: it evaluates each [Rule] over a sliding
// window and passes alerts to sinks, such as a logger or a [Webhook]:
//
//	monitor := alert.NewMonitor(alert.WithSpend(50), alert.WithSink(hook.Send))
//	handler, err := callbacks.NewHandler(callbacks.WithObserver(monitor))
//
// docs/alerts has the same rules for Prometheus.
package alert
