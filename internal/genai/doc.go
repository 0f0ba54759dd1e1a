// SPDX-License-Identifier: Apache-2.0

// Package genai turns langchaingo values into the attributes, messages and
// numbers of the GenAI conventions. Nothing here knows of spans: data flows
// from langchaingo through this package to callbacks, never back.
package genai
