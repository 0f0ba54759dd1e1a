// SPDX-License-Identifier: Apache-2.0

// Package backends sends what the examples record to real backends, and compares what
// these show with what was sent: `make backends` installs and starts them.
package backends
