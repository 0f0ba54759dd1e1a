// SPDX-License-Identifier: Apache-2.0

// Package providers declares what is known of model providers, one file each, and
// of vector stores. A file has the Go types of langchaingo's clients, names and
// spellings in responses, and the places of values in HTTP bodies. Package wire
// reads bodies by these declarations, and package genai reads langchaingo's values.
// Both import this package.
package providers
