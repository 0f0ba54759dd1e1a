// SPDX-License-Identifier: Apache-2.0

//go:build !race

package testenv

// Race reports whether the race detector is on. It allocates, and slows down.
const Race = false
