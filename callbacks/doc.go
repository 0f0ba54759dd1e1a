// SPDX-License-Identifier: Apache-2.0

// Package callbacks has the [Handler], which makes OpenTelemetry spans and metrics of
// what langchaingo programs do. A program shares one Handler. Wrappers (packages
// models, chains, agents, vectorstore, retrieval) open a span with [Handler.Start],
// pass its context to the inner call, and close it with [Span.End]. The Handler is
// also a langchaingo callbacks.Handler: registered on an unchanged chain or provider,
// it makes spans of its events. A wrapper and an event for the same call make one
// span. Prompts, answers, documents, queries, tool arguments and the messages of
// errors are recorded only with a content policy: see [WithContent] and
// [WithErrorMessages]. Telemetry that fails never fails the user's call. Every
// exported type is safe for concurrent use, and a nil *Handler or *Span does nothing.
package callbacks
