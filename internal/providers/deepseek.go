// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:  "deepseek",
	Hosts: []string{"api.deepseek.com"},
	Shape: Shape{Usage: map[string]Field{"prompt_cache_hit_tokens": Cached}},
})
