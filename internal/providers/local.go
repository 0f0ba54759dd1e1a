// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{Name: "local", Clients: []Client{{Package: "llms/local", ModelOption: ModelOptionIgnored}}})
