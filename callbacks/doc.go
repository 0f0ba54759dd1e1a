// SPDX-License-Identifier: Apache-2.0

// Package callbacks holds the [Handler], the one object that a program shares:
// it turns the activity of langchaingo chains, models, retrievers, stores,
// agents and tools into OpenTelemetry spans and metrics.
//
// There are two ways in, and they may be mixed. Wrappers (packages models,
// chains, agents, vectorstore, retrieval) open a span with [Handler.Start], put
// it into the context of the inner call and close it with [Span.End]. And the
// Handler itself is a langchaingo callbacks.Handler: registered on an unchanged
// chain or provider, it makes spans from events. Events carry no context of
// their own, so the Handler keeps the operations that events opened per
// goroutine; a wrapper and an event for the same call make one span.
//
// # Content
//
// Prompts, answers, documents, queries and tool arguments are recorded only
// with a content [Policy]; the default is [None]. See [WithContent].
//
// # Errors
//
// A failing operation has status Error, error.type, and a description: the
// error's message with personal data redacted and with every stretch taken out
// that quotes what the operation was given, at most 256 runes. Telemetry that
// fails never fails the user's call.
//
// Every exported type is safe for concurrent use, and a nil *Handler or *Span
// does nothing.
package callbacks
