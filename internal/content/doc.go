// SPDX-License-Identifier: Apache-2.0

// Package content renders what langchaingo programs pass around as the text of
// content attributes: JSON in the registry's schemas, each text in it decided by a
// privacy.Policy, the whole of it bounded. Binary data is described, never
// inlined. Nothing here fails or panics, whatever the values of a program do.
package content
