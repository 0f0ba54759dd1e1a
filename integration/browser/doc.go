// SPDX-License-Identifier: Apache-2.0

// Package browser looks at the pages of package traceview with a headless Chromium.
package browser
