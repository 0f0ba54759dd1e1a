// SPDX-License-Identifier: Apache-2.0

// Package providers declares what is known of model providers and of vector
// stores, one file per provider: the Go types of langchaingo's clients, the names
// and spellings in responses, and the places of values in HTTP bodies.
//
// It holds declarations and the lookups over them. Package wire reads bodies by
// them and package genai reads langchaingo's values, so it is below both.
package providers
