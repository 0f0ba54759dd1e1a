// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTrimURLs(t *testing.T) {
	for in, want := range map[string]string{
		"":            "",
		"no URL here": "no URL here",
		`Post "http://127.0.0.1:11434/api/chat": dial tcp 127.0.0.1:11434: connect: connection refused`: `Post "http://127.0.0.1:11434/X": dial tcp 127.0.0.1:11434: connect: connection refused`,
		`Get "https://h.test?key=a&b=c": EOF`:             `Get "https://h.test/X": EOF`,
		"https://h.test":                                  "https://h.test",
		"https://h.test/":                                 "https://h.test/",
		"https://h.test/a/b?c#d, see (https://i.test/x).": "https://h.test/X, see (https://i.test/X).",
		"postgres://h:5432/customers":                     "postgres://h:5432/X",
		"http://[::1]:80/a":                               "http://[::1]:80/X",
		"://":                                             "://",
		"a:///etc/passwd":                                 "a:///X",
		"https://h.test/مسار b":                           "https://h.test/X b",
	} {
		got := trimURLs(in, func(string) string { return "X" })
		assert.Equal(t, want, got)
		assert.Equal(t, want, trimURLs(got, func(string) string { return "X" }), "done twice is done once")
	}
}

// URLs are content: with a policy they show as it has them.
func TestErrorsShowHostsAndNoURLs(t *testing.T) {
	err := errors.New(`Get "https://h.test/tenants/acme?q=measles": EOF`)
	for want, policy := range map[string]Policy{
		`Get "https://h.test/` + withheld + `": EOF`:       None,
		`Get "https://h.test/tenants/acme?q=measles": EOF`: Verbatim,
	} {
		r := newRig(t, WithContent(policy))
		ctx, flow := r.Start(context.Background(), KindWorkflow, "flow")
		_, s := r.Start(ctx, KindTask, "step")
		s.End(err)
		flow.End(fmt.Errorf("step: %w", err))
		assert.Equal(t, want, r.status("execute_task step"))
		assert.Equal(t, "step: "+want, r.status("invoke_workflow flow"))
	}
}
