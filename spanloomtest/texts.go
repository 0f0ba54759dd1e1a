// SPDX-License-Identifier: Apache-2.0

package spanloomtest

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// texts yields all that leaves the program, with the place it stands at.
func (k *Kit) texts(t testing.TB) iter.Seq2[string, string] {
	t.Helper()
	return func(yield func(place, text string) bool) {
		for _, s := range k.Spans() {
			if !yieldSpan(s, yield) {
				return
			}
		}
		for name, data := range k.Metrics(t) {
			// The points have a type each; their JSON has the labels of all.
			text, err := json.Marshal(data)
			if err != nil {
				text = fmt.Append(nil, data)
			}
			if !yield("metric "+name, name+" "+string(text)) {
				return
			}
		}
	}
}

// spellings are a text in lower case, as it stands in JSON, and in JSON inside JSON; some
// encoders escape <, > and &.
func spellings(text string) []string {
	list := []string{strings.ToLower(text)}
	for _, escapeHTML := range []bool{false, true} {
		spelling := text
		for range 2 {
			var b strings.Builder
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(escapeHTML)
			_ = e.Encode(spelling) // a string has JSON
			spelling = strings.TrimSuffix(b.String(), "\"\n")[1:]
			list = append(list, strings.ToLower(spelling))
		}
	}
	return list
}

func yieldSpan(s sdktrace.ReadOnlySpan, yield func(place, text string) bool) bool {
	at := fmt.Sprintf("span %q", s.Name())
	if !yield(at, s.Name()) || !yield(at+", status", s.Status().Description) || !yieldAttributes(at, s.Attributes(), yield) {
		return false
	}
	for _, e := range s.Events() {
		at := fmt.Sprintf("%s, event %q", at, e.Name)
		if !yield(at, e.Name) || !yieldAttributes(at, e.Attributes, yield) {
			return false
		}
	}
	for _, l := range s.Links() {
		if !yieldAttributes(at+", link", l.Attributes, yield) {
			return false
		}
	}
	return true
}

func yieldAttributes(at string, attrs []attribute.KeyValue, yield func(place, text string) bool) bool {
	for _, a := range attrs {
		if !yield(at+", attribute "+string(a.Key), string(a.Key)+"="+a.Value.String()) {
			return false
		}
	}
	return true
}
