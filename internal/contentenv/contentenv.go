// SPDX-License-Identifier: Apache-2.0

// Package contentenv reads from the environment what content is recorded. It is
// all that users of callbacks need of the environment.
package contentenv

import (
	"fmt"
	"strings"
)

// The policies that a variable can name.
const (
	None     = "none"
	Redact   = "redact"
	Hash     = "hash"
	Verbatim = "verbatim"
)

// Prices is off, or a file of prices.
const Prices = "SPANLOOM_PRICES"

// Variable asks for a policy by one of the words in Allowed.
type Variable struct {
	Name, Allowed string
	policies      map[string]string
}

var policies = map[string]string{"none": None, "redact": Redact, "hash": Hash, "verbatim": Verbatim}

// The variables. We send no events, so that EVENT_ONLY is none.
var (
	Content = Variable{"SPANLOOM_CONTENT", "none, redact, hash or verbatim", policies}
	Capture = Variable{
		"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, NO_CONTENT, true or false",
		map[string]string{"span_only": Verbatim, "span_and_event": Verbatim, "true": Verbatim, "no_content": None, "event_only": None, "false": None},
	}
	Traceloop = Variable{"TRACELOOP_TRACE_CONTENT", "true or false", map[string]string{"true": Verbatim, "1": Verbatim, "false": None, "0": None}}
	Errors    = Variable{"SPANLOOM_ERROR_MESSAGES", "none, redact, hash or verbatim", policies}
)

// Policy returns the policy for content and the name of the variable that asks
// for it: the first of Content, Capture and Traceloop that is set. Without any
// the policy is None, and the name "". A word that is not allowed is an error.
func Policy(lookup func(string) (string, bool)) (policy, name string, err error) {
	return first(lookup, Content, Capture, Traceloop)
}

// ErrorPolicy is Policy for the messages of errors.
func ErrorPolicy(lookup func(string) (string, bool)) (policy, name string, err error) {
	return first(lookup, Errors)
}

func first(lookup func(string) (string, bool), variables ...Variable) (policy, name string, err error) {
	for _, v := range variables {
		value, _ := lookup(v.Name)
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		policy, ok := v.policies[strings.ToLower(value)]
		if !ok {
			return None, v.Name, fmt.Errorf("%s=%q: use %s", v.Name, value, v.Allowed)
		}
		return policy, v.Name, nil
	}
	return None, "", nil
}
