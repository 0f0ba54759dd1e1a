// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:    "ibm.watsonx.ai",
	Clients: []Client{{Package: "llms/watsonx", Model: "modelID", ModelOption: ModelOptionIgnored}},
	Shape:   Shape{Paths: map[string]Field{"errors[].code": ErrorCode | Fallback}},
})
