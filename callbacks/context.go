// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"cmp"
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"

	"github.com/spanloom/spanloom/privacy"
)

type contextKey uint8

const (
	spanKey contextKey = iota
	scopeKey
)

// scope is what a context says about the calls below it. It is one value, since three
// searches of a long chain of contexts would cost more than the span.
type scope struct {
	association []attribute.KeyValue
	content     policies
	suppressed  bool
}

var noScope scope

func scopeFrom(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey).(*scope)
	return cmp.Or(s, &noScope)
}

func contextWithScope(ctx context.Context, change func(*scope)) context.Context {
	next := *scopeFrom(ctx)
	change(&next)
	return context.WithValue(ctx, scopeKey, &next)
}

// ContextWithAssociation attaches properties to every span below the returned context:
// who and what the work is for. Every property appears as
// traceloop.association.properties.{key}, user.id as user_id and session.id as session_id.
// These two also appear under their own names, and session.id as gen_ai.conversation.id
// on model and agent spans. Properties of ctx stay; a later value of a key wins.
func ContextWithAssociation(ctx context.Context, props ...attribute.KeyValue) context.Context {
	if len(props) == 0 {
		return ctx
	}
	merged := slices.Clone(scopeFrom(ctx).association)
	merged = slices.DeleteFunc(merged, func(p attribute.KeyValue) bool { return hasKey(props, p.Key) })
	merged = append(merged, props...)
	return contextWithScope(ctx, func(s *scope) { s.association = merged })
}

// ContextWithBaggage puts the association properties of these keys into W3C baggage, as
// text. It goes to every service that the program calls with the returned context, so
// name only what they may know; models.NewTransport sends none to model providers. The
// propagator that the program or spanloom.Init sets sends it.
func ContextWithBaggage(ctx context.Context, keys ...attribute.Key) context.Context {
	b := baggage.FromContext(ctx)
	for _, p := range scopeFrom(ctx).association {
		m, err := baggage.NewMemberRaw(string(p.Key), p.Value.String())
		if err != nil || !slices.Contains(keys, p.Key) {
			continue // baggage cannot carry the key, or must not
		}
		if next, err := b.SetMember(m); err == nil { // else it is full
			b = next
		}
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// ContextFromBaggage makes association properties of these keys of a request's baggage,
// and no others: anybody can send anything. Those that ctx has already stay.
func ContextFromBaggage(ctx context.Context, keys ...attribute.Key) context.Context {
	have := scopeFrom(ctx).association
	var props []attribute.KeyValue
	for _, m := range baggage.FromContext(ctx).Members() {
		if k := attribute.Key(m.Key()); slices.Contains(keys, k) && !hasKey(have, k) {
			props = append(props, k.String(m.Value()))
		}
	}
	return ContextWithAssociation(ctx, props...)
}

// ContextWithContent overrides the Handler's content policies for the calls made
// with the returned context, in both directions: [privacy.None] switches content
// off, error messages included.
func ContextWithContent(ctx context.Context, p privacy.Policy) context.Context {
	return contextWithScope(ctx, func(s *scope) { s.content.input, s.content.output = &p, &p })
}

// ContextWithInputContent is [ContextWithContent] for what operations are given.
func ContextWithInputContent(ctx context.Context, p privacy.Policy) context.Context {
	return contextWithScope(ctx, func(s *scope) { s.content.input = &p })
}

// ContextWithOutputContent is [ContextWithContent] for what operations give back.
func ContextWithOutputContent(ctx context.Context, p privacy.Policy) context.Context {
	return contextWithScope(ctx, func(s *scope) { s.content.output = &p })
}

// ContextWithSuppression makes no spans and no metrics of the calls below the context.
func ContextWithSuppression(ctx context.Context) context.Context {
	return contextWithScope(ctx, func(s *scope) { s.suppressed = true })
}

// Suppressed reports whether ctx comes from [ContextWithSuppression].
func Suppressed(ctx context.Context) bool { return scopeFrom(ctx).suppressed }

// orBackground accepts a nil context: a model that never uses its context works with nil.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// spanContext is the context of an operation: it answers for the Span without
// another allocation. A Handler is the key of the innermost Span that it made.
type spanContext struct {
	context.Context //nolint:containedctx // it is a context
	span            *Span
	scope           *scope
}

func (c *spanContext) Value(key any) any {
	switch key {
	case spanKey, c.span.h:
		return c.span
	case scopeKey:
		return c.scope
	}
	return c.Context.Value(key)
}

// SpanFromContext returns the innermost operation in ctx, or nil. It is how code
// below a wrapper, such as an HTTP transport, adds what only it knows.
func SpanFromContext(ctx context.Context) *Span {
	s, _ := ctx.Value(spanKey).(*Span)
	return s
}

func hasKey(kv []attribute.KeyValue, k attribute.Key) bool {
	return slices.ContainsFunc(kv, func(a attribute.KeyValue) bool { return a.Key == k })
}
