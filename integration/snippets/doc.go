// SPDX-License-Identifier: Apache-2.0

// Package snippets holds the code of docs/stores.md, a function per store, so
// that it compiles: the page has each function word for word. The stores are
// imported by tests only, and those with heavy modules by a module of their own
// below testdata, which `make integration` compiles.
package snippets
