// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "openrouter", Hosts: []string{"openrouter.ai"},
	Shape: Shape{
		// An answer that broke off in the middle, with HTTP status 200.
		Paths: map[string]Field{"choices[].error.code": ErrorCode, "choices[].error.message": ErrorText},
		Usage: map[string]Field{"cost": Cost},
	},
})
