// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHashTellsEqualFromDifferentAndNothingElse(t *testing.T) {
	assert.Equal(t, "sha256:2cf24dba5fb0a30e (5)", Hash("", "hello"))
	assert.Equal(t, Hash("", "مرحبا"), Hash("x", string([]rune("مرحبا"))))
	assert.NotEqual(t, Hash("", "a"), Hash("", "b"))
}

func TestWhatRecords(t *testing.T) {
	assert.False(t, Policy(nil).Records())
	assert.False(t, Policy(None).Records())
	assert.True(t, Policy(Redact).Records())
	assert.True(t, Policy(func(_, text string) string { return text }).Records())
	assert.True(t, Policy(Hash).ReadsAll())
	assert.False(t, Policy(Redact).ReadsAll())
}

func TestASecretsNameCoversAllBelowIt(t *testing.T) {
	assert.Equal(t, "password", Under("password", "value"))
	assert.Equal(t, "value", Under("user", "value"))
	assert.Equal(t, "[SECRET]", Redact(Under("password", "value"), "x"))
}

func TestNamesKeepTheirNumbers(t *testing.T) {
	assert.Equal(t, "tenant [EMAIL] 5551234567", RedactName("tenant ann@example.com 5551234567"))
	assert.Equal(t, "docs-[API_KEY]", RedactName("docs-sk-proj_abcdefghijkl0123"))
}
