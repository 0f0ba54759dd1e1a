// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/spanloom/spanloom/examples/internal/backend"
)

func TestTree(t *testing.T) { backend.GoldenTree(t, main) }
