// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
)

// ContextWithBaggage puts association properties of ctx into W3C baggage, as text: those
// of the given keys and no others. Baggage goes to every service that the program calls
// with the returned context, so name only what they may know. Requests to model
// providers carry none: see models.NewTransport.
//
// Baggage is sent by the propagator that the program sets; spanloom.Init sets
// one.
func ContextWithBaggage(ctx context.Context, keys ...attribute.Key) context.Context {
	b := baggage.FromContext(ctx)
	for _, p := range scopeFrom(ctx).association {
		if !slices.Contains(keys, p.Key) {
			continue
		}
		m, err := baggage.NewMemberRaw(string(p.Key), p.Value.String())
		if err != nil {
			continue // a key that baggage cannot carry
		}
		if next, err := b.SetMember(m); err == nil {
			b = next // else there is no room: it is bounded
		}
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// ContextFromBaggage makes association properties of what came in with a
// request's baggage: of the given keys, and no others, since anybody can send
// anything. Properties that ctx has already stay as they are.
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
