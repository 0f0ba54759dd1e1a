// SPDX-License-Identifier: Apache-2.0

package spanloomtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tmc/langchaingo/llms/fake"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/spanloomtest"
)

// askModel is the program that is tested.
func askModel(ctx context.Context, h *callbacks.Handler, question string) (string, error) {
	llm := models.Wrap(fake.NewFakeLLM([]string{"Two years."}), h) // yours: openai.New
	return llm.Call(ctx, question)
}

// checkAsk is the body of a test: func TestAsk(t *testing.T).
func checkAsk(t testing.TB) {
	k := spanloomtest.New(t)
	answer, err := askModel(t.Context(), k.Handler, "How long is the warranty?")
	fmt.Println(answer, err)

	fmt.Print(k.Tree()) // a test compares it with a file: k.AssertTree(t, "testdata/ask.tree")
	fmt.Println(k.AssertNoContent(t, "warranty"))
	fmt.Println(k.AssertNoOpenSpans(t))
}

// exampleT stands for the *testing.T that go test passes.
type exampleT struct{ testing.TB }

func (exampleT) Helper()                  {}
func (exampleT) Cleanup(func())           {}
func (exampleT) Context() context.Context { return context.Background() }

func ExampleNew() {
	checkAsk(exampleT{})
	// Output:
	// Two years. <nil>
	// chat
	// true
	// true
}
