// SPDX-License-Identifier: Apache-2.0

//go:build !race

package vectorstore_test

const raceEnabled = false
