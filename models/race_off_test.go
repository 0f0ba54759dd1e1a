// SPDX-License-Identifier: Apache-2.0

//go:build !race

package models_test

const raceEnabled = false
