// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"net/http"

	"github.com/tmc/langchaingo/llms"
)

var prompt = []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "hello")}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
