// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:    "ernie",
	Clients: []Client{{Package: "llms/ernie", Model: "model", ModelOption: ModelOptionFallback}},
	Shape: Shape{
		Paths:         map[string]Field{"id": ID, "is_end": Done, "error_msg": ErrorText},
		StatusMarkers: []string{"status code: "},
	},
})
