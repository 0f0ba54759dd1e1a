// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "perplexity", Hosts: []string{"api.perplexity.ai"},
	Shape: Shape{Usage: map[string]Field{"cost.total_cost": Cost}},
})
