// SPDX-License-Identifier: Apache-2.0

package content

import "github.com/spanloom/spanloom/privacy"

var standard = Limits{Runes: 8192, Bytes: 256 << 10}

func verbatim() *Gate { return NewGate(privacy.Verbatim, standard) }

func redacting() *Gate { return NewGate(privacy.Redact, standard) }

// each is a gate that puts every text through f.
func each(f func(string) string) *Gate {
	return NewGate(func(_, s string) string { return f(s) }, standard)
}

func secret() *Gate { return each(func(string) string { return "X" }) }
