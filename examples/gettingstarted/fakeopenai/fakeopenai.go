// SPDX-License-Identifier: Apache-2.0

// Package fakeopenai is langchaingo's OpenAI client with a fake server: the programs
// beside it need no key and no network.
package fakeopenai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tmc/langchaingo/llms/openai"
)

// New is openai.New for a client whose requests are answered here. It is safe for
// concurrent use.
func New(options ...openai.Option) (*openai.LLM, error) {
	fake := []openai.Option{openai.WithToken("none"), openai.WithHTTPClient(&http.Client{Transport: transport{}})}
	return openai.New(append(fake, options...)...)
}

// answers has the answer for each prompt that contains a text. The first one counts.
var answers = []struct{ contains, answer string }{
	{"Observation: 42", "Thought: I now know the final answer\nFinal Answer: 42"},
	{"What is 6 * 7?", "Thought: I should calculate\nAction: calculator\nAction Input: 6 * 7"},
	{"How long is the warranty?", "Two years."},
	{"Outline an article", "1. Light 2. Shade"},
	{"Write an article", "Lamps give light, and shade."},
	{"", "Good bye."},
}

type transport struct{}

// RoundTrip answers a request for embeddings, or for a chat.
func (transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var request struct {
		Model    string
		Input    []string
		Messages []struct{ Content string }
		Stream   bool
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, err
	}
	if strings.HasSuffix(req.URL.Path, "/embeddings") {
		vectors := make([]map[string]any, len(request.Input))
		for i := range vectors {
			vectors[i] = map[string]any{"index": i, "embedding": []float32{1, 0}}
		}
		return respond("application/json", marshal(map[string]any{"data": vectors})), nil
	}
	var prompt strings.Builder
	for _, m := range request.Messages {
		prompt.WriteString(m.Content)
	}
	answer := ""
	for _, a := range answers {
		if strings.Contains(prompt.String(), a.contains) {
			answer = a.answer
			break
		}
	}
	in, out := len(strings.Fields(prompt.String())), len(strings.Fields(answer))
	usage := map[string]int{"prompt_tokens": in, "completion_tokens": out, "total_tokens": in + out}
	if !request.Stream {
		choice := map[string]any{"finish_reason": "stop", "message": map[string]string{"role": "assistant", "content": answer}}
		return respond("application/json", marshal(map[string]any{"model": request.Model, "choices": []any{choice}, "usage": usage})), nil
	}
	var events bytes.Buffer
	for word := range strings.SplitAfterSeq(answer, " ") {
		fmt.Fprintf(&events, "data: %s\n\n", marshal(map[string]any{"choices": []any{map[string]any{"delta": map[string]string{"content": word}}}}))
	}
	last := map[string]any{"delta": map[string]string{}, "finish_reason": "stop"}
	fmt.Fprintf(&events, "data: %s\n\ndata: [DONE]\n\n", marshal(map[string]any{"choices": []any{last}, "usage": usage}))
	return respond("text/event-stream", events.Bytes()), nil
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a map of strings and numbers
	}
	return b
}

func respond(contentType string, body []byte) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
}
