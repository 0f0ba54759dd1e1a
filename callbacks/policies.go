// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"sync/atomic"

	"github.com/spanloom/spanloom/privacy"
)

// setting is a policy that somebody has set: it differs from none having been
// set, also where it records nothing.
type setting struct {
	// policy is nil if it records nothing.
	policy privacy.Policy
	// id tells settings apart, since functions cannot be compared; 0 is unset.
	id uint64
}

var settings atomic.Uint64

func set(p privacy.Policy) setting {
	if !p.Records() {
		p = nil
	}
	return setting{p, settings.Add(1)}
}

func (s setting) isSet() bool { return s.id != 0 }

func (s setting) isNone() bool { return s.isSet() && s.policy == nil }

func (s setting) or(other setting) setting {
	if s.isSet() {
		return s
	}
	return other
}

// policies are those of a Handler, or those of a context, which go first.
type policies struct{ input, output, errors setting }

func (s *Span) inputPolicy() setting { return s.ctx.scope.content.input.or(s.h.cfg.content.input) }

func (s *Span) outputPolicy() setting { return s.ctx.scope.content.output.or(s.h.cfg.content.output) }

// errorPolicies are applied to an error's message one after the other. Without
// any the message is not shown.
func (s *Span) errorPolicies() []privacy.Policy {
	ctx, in, out := &s.ctx.scope.content, s.inputPolicy(), s.outputPolicy()
	explicit := s.h.cfg.content.errors
	switch {
	case ctx.input.isNone(), ctx.output.isNone():
		return nil // the context keeps content out, and an error may quote it
	case explicit.isNone():
		return nil
	case explicit.isSet():
		return []privacy.Policy{explicit.policy}
	case in.policy == nil, out.policy == nil:
		return nil
	case in.id == out.id:
		return []privacy.Policy{in.policy}
	}
	return []privacy.Policy{in.policy, out.policy} // an error may quote either
}

// RecordsContent reports whether the Handler has a content policy other than
// [privacy.None], for input or output. Programs that print their settings call it;
// a context may still say otherwise.
func (h *Handler) RecordsContent() bool {
	return h != nil && (h.cfg.content.input.policy != nil || h.cfg.content.output.policy != nil)
}
