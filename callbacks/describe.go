// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"slices"
	"strings"

	"github.com/spanloom/spanloom/internal/genai"
)

const (
	descriptionLimit = 256
	// maxMessage bounds how much of an error's text is looked at, maxSeen how
	// much content it is compared with, in bytes.
	maxMessage  = 4096
	maxSeen     = 1 << 20
	maxOwn      = 512
	maxBelow    = 64
	maxFailures = 16
)

// texts remembers the strings an operation worked on, so that an error's text
// can be searched for them. Only string headers are kept, and not many: the
// strings themselves belong to the caller, and strings cannot change.
type texts struct {
	// own were given to the operation or came out of it. Those of the operations
	// inside are kept apart, newest last, and never push out an own one: the
	// question must stay known when fifty documents follow it.
	own []string
	// first is where own begins: most operations have few texts.
	first [2]string
}

func (t *texts) add(v any) {
	if t.own == nil {
		t.own = t.first[:0]
	}
	if room := maxOwn - len(t.own); room > 0 {
		t.own = genai.AppendStrings(t.own, v, room)
	}
}

// learn takes over the texts of an operation inside, which has ended. The lock is
// the caller's affair.
func (s *Span) learn(o *Span) {
	var below []string
	if o.inside != nil {
		below = o.inside.texts
	}
	if len(below)+len(o.seen.own) == 0 {
		return
	}
	in := s.within()
	in.texts = append(in.texts, below...)
	in.texts = append(in.texts, o.seen.own...)
	if n := len(in.texts) - maxBelow; n > 0 {
		in.texts = append(in.texts[:0], in.texts[n:]...)
	}
}

// texts appends every text, those most likely to be quoted first. The lock is the
// caller's affair.
func (s *Span) texts(list []string) []string {
	list = append(list, s.seen.own...)
	if s.inside != nil {
		for _, text := range slices.Backward(s.inside.texts) {
			list = append(list, text)
		}
	}
	return list
}

// failure is an error of a child: the parent's error usually wraps it, and what
// was taken out below must not come back in above.
type failure struct{ raw, clean string }

func (s *Span) fail(err error, clean string) {
	in := s.within()
	if len(in.failures) == maxFailures {
		in.failures = append(in.failures[:0], in.failures[1:]...)
	}
	in.failures = append(in.failures, failure{message(err), clean})
}

// message is err.Error() of an error that may be a user's, and may panic.
func message(err error) (msg string) {
	defer func() {
		if recover() != nil {
			msg = withheld
		}
	}()
	msg = err.Error()
	if len(msg) > maxMessage {
		msg = strings.ToValidUTF8(msg[:maxMessage], "")
	}
	return msg
}

// known are the texts of the operation and of those around it: what an earlier
// step returned may be quoted by a later one.
func (s *Span) known() []string {
	list := s.texts(nil)
	for p := s.parent; p != nil; p = p.parent {
		p.mu.Lock()
		list = p.texts(list)
		p.mu.Unlock()
	}
	return list
}

// describe makes the status description of an error.
func (s *Span) describe(err error) string {
	msg := message(err)
	var failures []failure
	if s.inside != nil {
		failures = s.inside.failures
	}
	for _, f := range failures {
		if msg == f.raw {
			return f.clean // passed on as it was: there is nothing new to look for
		}
		if f.raw != "" {
			msg = strings.ReplaceAll(msg, f.raw, f.clean)
		}
	}
	replace := func(string) string { return withheld }
	if s.policy != nil {
		replace = s.policy.gate(descriptionLimit)
	}
	msg = trimURLs(takeOutQuotes(msg, s.known(), replace), replace)
	return cut(Redact(msg), descriptionLimit)
}
