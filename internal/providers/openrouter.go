// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "openrouter", Hosts: []string{"openrouter.ai"},
	Shape: Shape{Usage: map[string]Field{"cost": Cost}},
})
