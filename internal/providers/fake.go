// SPDX-License-Identifier: Apache-2.0

package providers

// Package llms/fake is for tests of programs.
var _ = register(Provider{Name: "fake", Clients: []Client{{Package: "llms/fake", CallDiffers: true, IgnoresOptions: true}}})
