// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/attribute"
)

func TestInRegistry(t *testing.T) {
	tests := []struct {
		key    attribute.Key
		want   bool
		reason string
	}{
		{"gen_ai.request.model", true, "a constant of the Go package"},
		{"gen_ai.retrieval.top_k", true, "newer than the Go package"},
		{"db.collection.name", true, "another namespace of the registry"},
		{"http.response.status_code", true, "set by the HTTP transport"},
		{"session.id", true, ""},
		{"gen_ai.usage.cost", false, "backends read it, the registry does not list it"},
		{"gen_ai.usage.total_tokens", false, "a namespace alone is no membership"},
		{"gen_ai.system", false, "deprecated: a live check would flag it"},
		{"gen_ai.prompt.variable", false, "a template is not a key"},
		{"gen_ai.token.modality", false, "newer than the commit that the conformance suite pins"},
		{"traceloop.span.kind", false, ""},
		{"user.plan", false, "a user's key in a registered namespace"},
		{"spanloom.incomplete", false, ""},
		{"", false, "the list ends with a line break"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, InRegistry(tt.key), "%q, reason: %s", tt.key, tt.reason)
	}
}

func TestRegistryListIsSorted(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(registryText, "\n"), "\n")
	assert.True(t, slices.IsSorted(lines), "an unsorted list makes unreadable diffs")
	assert.Len(t, registry(), len(lines), "a key is listed twice")
}
