// SPDX-License-Identifier: Apache-2.0

package providers_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/internal/wire"
	"github.com/spanloom/spanloom/metrics"
)

func TestDeepSeek(t *testing.T) {
	assert.Equal(t, "deepseek", providers.Compatible("api.deepseek.com", ""))

	p := wire.NewParser("application/json", "")
	p.Write([]byte(`{"usage":{"prompt_tokens":100,"completion_tokens":50,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}}`))
	assert.Equal(t, metrics.Usage{Input: 100, Output: 50, CacheRead: 64}, p.Response().Usage)
}
