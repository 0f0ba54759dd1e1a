// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
)

func TestDocuments(t *testing.T) {
	nan := float32(math.NaN())
	tests := []struct {
		name, want, reason string
		doc                schema.Document
	}{
		{
			"plain", `{"id":"ba7816bf8f01cfea","score":0.9,"content":"abc"}`, "the id is made from the text, the score keeps its decimals",
			schema.Document{PageContent: "abc", Score: 0.9},
		},
		{
			"own id", `{"id":"d1","score":0,"content":"abc","metadata":{"id":"d1","page":3}}`, "a store's id is kept; a score is required even when it is 0",
			schema.Document{PageContent: "abc", Metadata: map[string]any{"id": "d1", "page": 3}},
		},
		{
			"numeric id", `{"id":"ba7816bf8f01cfea","score":0,"content":"abc","metadata":{"id":7}}`, "backends want a string",
			schema.Document{PageContent: "abc", Metadata: map[string]any{"id": 7}},
		},
		{"NaN score", `{"id":"ba7816bf8f01cfea","score":0,"content":"abc"}`, "one zero vector must not cost the whole list", schema.Document{PageContent: "abc", Score: nan}},
		{"Arabic", "", "letters are not escaped", schema.Document{PageContent: "مرحبا <>"}},
		{
			"bad metadata", `{"id":"ba7816bf8f01cfea","score":0,"content":"abc","metadata":{"f":"<func()>","s":"src"}}`, "one bad entry does not cost the others",
			schema.Document{PageContent: "abc", Metadata: map[string]any{"f": func() {}, "s": "src"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Documents([]schema.Document{tt.doc}, verbatim())
			if tt.name == "Arabic" {
				assert.Contains(t, got, `"content":"مرحبا <>"`, "reason: %s", tt.reason)
			} else {
				assert.Equal(t, "["+tt.want+"]", got, "reason: %s", tt.reason)
			}
			var list []struct {
				ID    *string
				Score *float64
			}
			require.NoError(t, json.Unmarshal([]byte(got), &list), "id must be a string, score a number")
			require.Len(t, list, 1)
			assert.NotNil(t, list[0].ID)
			assert.NotNil(t, list[0].Score)
		})
	}
	assert.Equal(t, "[]", Documents(nil, verbatim()))
	got := Documents([]schema.Document{{PageContent: "canary", Metadata: map[string]any{"id": "canary", "s": []string{"canary"}}}}, secret())
	assert.JSONEq(t, `[{"id":"X","score":0,"content":"X","metadata":{"id":"X","s":["X"]}}]`, got, "every text goes through the gate")
}
