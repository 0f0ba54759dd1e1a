// SPDX-License-Identifier: Apache-2.0

package envvars

import "strings"

// The policies that a variable can name.
const (
	None     = "none"
	Redact   = "redact"
	Hash     = "hash"
	Verbatim = "verbatim"
)

// contentWords has the variables that ask for content, the one that decides
// first, and the policy of each of their words. We send no events.
var contentWords = []struct {
	name  string
	words map[string]string
}{
	{Content, policyWords},
	{CaptureContent, map[string]string{"span_only": Verbatim, "span_and_event": Verbatim, "true": Verbatim, "no_content": None, "event_only": None, "false": None}},
	{TraceContent, map[string]string{"true": Verbatim, "1": Verbatim, "false": None, "0": None}},
}

// ContentPolicy returns the policy that the first content variable that is set
// asks for, and its name; None and no name if none is. A word that is not
// allowed is an error, and no other variable is asked.
func (l Lookup) ContentPolicy() (policy, name string, err error) {
	for _, v := range contentWords {
		value, _ := l.Get(v.name)
		if value == "" {
			continue
		}
		if policy, ok := v.words[strings.ToLower(value)]; ok {
			return policy, v.name, nil
		}
		return None, v.name, variable(v.name).Check(value)
	}
	return None, "", nil
}

// ErrorPolicy is ContentPolicy for the messages of errors.
func (l Lookup) ErrorPolicy() (policy, name string, err error) {
	value, _ := l.Get(ErrorMessages)
	if value == "" {
		return None, "", nil
	}
	if policy, ok := policyWords[strings.ToLower(value)]; ok {
		return policy, ErrorMessages, nil
	}
	return None, ErrorMessages, variable(ErrorMessages).Check(value)
}

var policyWords = map[string]string{"none": None, "redact": Redact, "hash": Hash, "verbatim": Verbatim}

func isPolicy(value string) bool {
	_, ok := policyWords[strings.ToLower(value)]
	return ok
}

func isContent(name string) func(string) bool {
	return func(value string) bool {
		for _, v := range contentWords {
			if _, ok := v.words[strings.ToLower(value)]; ok && v.name == name {
				return true
			}
		}
		return false
	}
}

// variable is the one of that name in the list.
func variable(name string) Variable {
	for _, v := range All {
		if v.Name == name {
			return v
		}
	}
	return Variable{Name: name, check: anything}
}
