// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:  "moonshot_ai",
	Hosts: []string{"api.moonshot.cn", "api.moonshot.ai"},
	Shape: Shape{
		UsageObjects: []string{"choices[].usage"}, // of streams
		Usage:        map[string]Field{"cached_tokens": Cached},
	},
})
