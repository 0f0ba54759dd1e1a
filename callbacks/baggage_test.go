// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
)

func TestAssociationCrossesServicesByName(t *testing.T) {
	ctx := ContextWithAssociation(context.Background(),
		attribute.String("session.id", "s 1, ü"), attribute.String("user.id", "secret"), attribute.Int("tier", 3))
	header := http.Header{}
	propagation.Baggage{}.Inject(ContextWithBaggage(ctx, "session.id", "tier", "absent"), propagation.HeaderCarrier(header))
	assert.NotContains(t, header.Get("Baggage"), "secret", "only what is named goes out")

	there := propagation.Baggage{}.Extract(context.Background(), propagation.HeaderCarrier(header))
	got := scopeFrom(ContextFromBaggage(there, "session.id")).association
	assert.Equal(t, []attribute.KeyValue{attribute.String("session.id", "s 1, ü")}, got, "only what is named comes in")

	own := ContextWithAssociation(there, attribute.String("session.id", "mine"))
	assert.Equal(t, []attribute.KeyValue{attribute.String("session.id", "mine")}, scopeFrom(ContextFromBaggage(own, "session.id")).association)
	assert.Empty(t, scopeFrom(ContextFromBaggage(context.Background(), "session.id")).association)
}

func TestBaggageThatDoesNotFitIsLeftOut(t *testing.T) {
	ctx := ContextWithAssociation(context.Background(), attribute.String("a", strings.Repeat("x", 1<<16)), attribute.String("b", "small"), attribute.String("bad key", "y"))
	header := http.Header{}
	propagation.Baggage{}.Inject(ContextWithBaggage(ctx, "a", "b", "bad key"), propagation.HeaderCarrier(header))
	assert.Contains(t, header.Get("Baggage"), "b=small")
}
