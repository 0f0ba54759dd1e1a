// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/examples/internal/backend"
)

// rude quotes the prompt in its error, as servers do.
type rude struct{ llms.Model }

func (r rude) GenerateContent(ctx context.Context, ms []llms.MessageContent, o ...llms.CallOption) (*llms.ContentResponse, error) {
	if prompt := ms[0].Parts[0].(llms.TextContent).Text; strings.Contains(prompt, "refused") {
		return nil, errors.New("this cannot be answered: " + prompt)
	}
	return r.Model.GenerateContent(ctx, ms, o...)
}

// Secrets in documents, their names, and errors that quote them.
func TestCanaries(t *testing.T) {
	backend.SearchCanaries(t, []string{"document", "long", "refused"}, func(t *testing.T) string {
		dir := write(t, map[string]string{
			backend.Canary("name") + ".md": "# Patients\n\nThe patient named " + backend.Canary("document") + " has a fever.",
			"long.txt":                     strings.Repeat("The patient named "+backend.Canary("long")+" has a fever, too. ", 50),
			"bad.txt":                      "It is to be refused to " + backend.Canary("refused") + ".",
			"empty.txt":                    "",
		})
		t.Setenv("COLUMNS", "500")
		var out, errs bytes.Buffer
		a := newApp(&out, &errs)
		a.getenv = os.Getenv
		a.decorate = func(m llms.Model) llms.Model { return rude{m} }
		assert.Equal(t, 1, a.main(t.Context(), []string{"-docs", dir, "-chunk", "1000", "-trees", "-metrics", "-price", "1,1"}))
		assert.Contains(t, out.String(), backend.Canary("document"), "the user gets the results")
		_, telemetry, _ := strings.Cut(out.String(), "invoke_workflow")
		return telemetry
	})
}
