// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:  "groq",
	Hosts: []string{"api.groq.com"},
	Shape: Shape{UsageObjects: []string{"x_groq.usage"}}, // of streams
})
