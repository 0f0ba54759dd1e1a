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
		// As JSON, URLs and errors inside of errors write them.
		`{"u":"https:\/\/h.test\/a\/b"}`:                  `{"u":"https:\/\/h.test\/X"}`,
		`\"https:\\/\\/h.test:443\\/a?b=c\": EOF`:         `\"https:\\/\\/h.test:443\\/X\": EOF`,
		`https:\/\/h.test\/`:                              `https:\/\/h.test\/`,
		`"https://h.test/a?b=1\u0026key=c"`:               `"https://h.test/X"`,
		"to=https%3A%2F%2Fh.test%3A80%2Fa b":              "to=https%3A%2F%2Fh.test%3A80%2FX b",
		"https%253a%252f%252fh.test%252fa%252fb":          "https%253a%252f%252fh.test%252fX",
		"https%3A%2F%2Fh.test%3Fa":                        "https%3A%2F%2Fh.test/X",
		"https://h.test;a=b":                              "https://h.test/X",
		"https://h.test:80,i.test:80/a":                   "https://h.test:80/X",
		"https://h.test:a":                                "https://h.test/X",
		"https://h.test%zz":                               "https://h.test/X",
		"http://[fe80::1%25eth0]:80/a":                    "http://[fe80::1%25eth0]:80/X",
		"https://h.test/it's/a":                           "https://h.test/X",
		"https://h.test's":                                "https://h.test/X",
		"get 'https://h.test/a', 'https://i.test/it's/a'": "get 'https://h.test/X', 'https://i.test/X'",
		"'get https://h.test/a': EOF":                     "'get https://h.test/X': EOF",
		"https://a:b@h.test/c":                            "https://X@h.test/X",
		"https://a;b@c@h.test?d":                          "https://X@h.test/X",
	} {
		got := trimURLs(in, func(string) string { return "X" })
		assert.Equal(t, want, got)
		assert.Equal(t, want, trimURLs(got, func(string) string { return "X" }), "done twice is done once")
	}
}

func TestTrimURLsKeepsWhatThePolicyKeeps(t *testing.T) {
	for _, s := range []string{"https://h.test?a=b", `https:\/\/a@h.test\/b`, "https%3A%2F%2Fh.test%3Fa", "https://h.test/it's"} {
		assert.Equal(t, s, trimURLs(s, Verbatim))
	}
}

func TestTrimURLsTakesLinearTime(t *testing.T) {
	linear(t, func(s string) { trimURLs(s, func(string) string { return withheld }) })
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
