// SPDX-License-Identifier: Apache-2.0

package providers

func init() {
	register(Provider{
		Name:  "groq",
		Hosts: []string{"api.groq.com"},
		Shape: Shape{UsageObjects: []string{"x_groq.usage"}}, // of streams
	})
}
