// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

// What a customer would not want to see in somebody's traces. All are of forms
// that Redact knows.
const (
	canary       = "cnry."
	canaryPrompt = canary + "prompt@example.com"
	canaryAnswer = canary + "answer@example.com"
	canaryPath   = "/" + canary + "path@example.com"
	// matrixKey is the API key of all clients, in a header or in a URL.
	matrixKey = "sk-" + canary + "Key0123456789"
)

var (
	answerFields = regexp.MustCompile(`("(?:content|text|thinking|reasoning_content|response|generated_text|outputText|generation)\\*": ?\\*")([^"\\])`)
	errorFields  = regexp.MustCompile(`("(?:message|error)": ?")([^"\\])`)
)

// argument is what the servers' tool calls are for.
const argument = "Boston"

// planted is the case with canaries in the prompt, in every text of the answer,
// whole or in chunks, in tool arguments, and in refusals, which quote the prompt
// as servers do.
func planted(c matrixCase) matrixCase {
	body := answerFields.ReplaceAllString(c.reply.body, "${1}"+canaryAnswer+" ${2}")
	body = errorFields.ReplaceAllString(body, "${1}'"+canaryPrompt+" hello' is refused: ${2}")
	c.reply.body = strings.ReplaceAll(body, argument, canaryAnswer)
	if c.messages == nil {
		c.messages = []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, canaryPrompt+" hello")}
	}
	return c
}

// Every provider and mode once more, with canaries wherever content is, and all
// that was emitted searched for them.
func TestMatrixCanaries(t *testing.T) {
	eachMatrixCase(t, func(t *testing.T, p matrixProvider, c matrixCase) {
		for name, policy := range map[string]privacy.Policy{
			"none": privacy.None, "redact": privacy.Redact, "hash": privacy.Hash, "verbatim": privacy.Verbatim,
		} {
			t.Run(name, func(t *testing.T) { p.search(t, c, policy, name == "verbatim") })
		}
	})
}

func (p matrixProvider) search(t *testing.T, c matrixCase, policy privacy.Policy, verbatim bool) {
	own := c.messages != nil
	c = planted(c)
	s := newLoopback(t, c)
	rt := s.transport(c.host)
	if p.noTransport == "" {
		rt = models.NewTransport(rt)
	}
	k := oteltest.New(t, callbacks.WithContent(policy))
	got := s.call(t, c, rt, models.Wrap(c.client(t, s.URL+canaryPath, &http.Client{Transport: rt}), k.Handler))

	emitted := k.Emitted(t)
	if !verbatim {
		assert.NotContains(t, emitted, canary)
		return
	}
	// The same search finds what is there.
	assert.NotContains(t, emitted, matrixKey, "a key is no content")
	if !own {
		assert.Contains(t, emitted, canaryPrompt)
	}
	if got.err == nil && got.res != nil {
		for _, choice := range got.res.Choices {
			if strings.Contains(choice.Content+choice.ReasoningContent, canaryAnswer) {
				assert.Contains(t, emitted, canaryAnswer)
			}
		}
	}
}
