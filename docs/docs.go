// SPDX-License-Identifier: Apache-2.0

// Package docs embeds the project's documentation, which the examples answer
// questions from.
package docs

import "embed"

// FS holds the pages of this folder.
//
//go:embed *.md
var FS embed.FS
