// SPDX-License-Identifier: Apache-2.0

package providers

func init() { register(Provider{Name: "perplexity", Hosts: []string{"api.perplexity.ai"}}) }
