// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
)

func TestStrip(t *testing.T) {
	h, other := newRig(t).Handler, newRig(t).Handler
	user := &lccallbacks.LogHandler{}
	combine := func(hs ...lccallbacks.Handler) lccallbacks.CombiningHandler {
		return lccallbacks.CombiningHandler{Callbacks: hs}
	}
	nested := combine(h, combine(user, h.As(KindTask, "x")))
	tests := []struct {
		name     string
		in, want lccallbacks.Handler
	}{
		{"nothing", nil, nil},
		{"itself", h, nil},
		{"itself, named", h.As(KindTask, "x"), nil},
		{"another of ours", other, other},
		{"a nil one of ours", (*Handler)(nil), nil},
		{"the user's", user, user},
		{"combined with the user's", combine(h, user), user},
		{"nested", nested, user},
		{"pointer to a combination", &nested, user},
		{"nil pointer to a combination", (*lccallbacks.CombiningHandler)(nil), nil},
		{"empty combination", combine(), nil},
		{"nil elements, which panic when called", combine(nil, user, nil), user},
		{"two of the user's", combine(user, h, other), combine(user, other)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := h.Strip(tt.in)
			assert.Equal(t, tt.want, got)
			if tt.want == nil {
				assert.True(t, got == nil, "langchaingo compares with nil: a typed nil would be called") //nolint:testifylint // assert.Nil accepts a typed nil
			}
		})
	}
	assert.Len(t, nested.Callbacks, 2, "the user's combination is not changed")
}

func TestFlushClosesWhatNoEventCloses(t *testing.T) {
	r := newRig(t)
	require.NoError(t, ask(context.Background(), &provider{h: r, script: "S"}))
	assert.Equal(t, 1, r.open.Len())
	r.Flush()
	assert.Equal(t, "chat  (incomplete)\n", r.tree())
	r.Flush()
	(*Handler)(nil).Flush()
}
