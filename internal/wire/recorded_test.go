// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRecordedTraffic reads all that langchaingo has recorded of real servers,
// and expects of each kind of answer what such an answer has.
func TestRecordedTraffic(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tmc/langchaingo").Output()
	require.NoError(t, err)
	root := strings.TrimSpace(string(out))

	const id, model, reason, input, output = "id ", "model ", "reason ", "input ", "output "
	want := []struct{ url, facts string }{
		{"api.openai.com/v1/chat/completions", id + model + reason + input + output},
		{"api.openai.com/v1/embeddings", model + input},
		{"openrouter.ai/api/v1/chat/completions", id + model + reason + input + output},
		{"router.huggingface.co/", id + model + reason + input + output},
		{"api.anthropic.com/v1/messages", id + model + reason + input + output},
		{"generativelanguage.googleapis.com/v1beta/models/gemini-2.0-flash:", id + model + reason + input + output},
		{"generativelanguage.googleapis.com/v1beta/models/embedding-001:", ""},
		{"api.cohere.ai/v1/generate", id + reason + input + output},
		{"localhost:11434/api/chat", model + reason + input + output},
		{"localhost:11434/api/generate", model + reason + input + output},
		{"localhost:11434/api/embed", model + input},
	}
	counts := make([]int, len(want))
	require.NoError(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".httprr") {
			return err
		}
		for _, e := range recorded(t, path) {
			for i, w := range want {
				if e.res.StatusCode != http.StatusOK || !strings.HasPrefix(e.url, w.url) {
					continue
				}
				counts[i]++
				p := NewParser(e.res.Header.Get("Content-Type"), e.res.Header.Get("Content-Encoding"))
				_, err := io.Copy(writer{p}, e.res.Body)
				require.NoError(t, err)
				p.Close()
				f, got := p.Response(), ""
				for _, g := range []struct {
					has  bool
					name string
				}{{f.ID != "", id}, {f.Model != "", model}, {f.FinishReason != nil, reason}, {f.Usage.Input > 0, input}, {f.Usage.Output > 0, output}} {
					if g.has {
						got += g.name
					}
				}
				assert.Equal(t, w.facts, got, "%s: %s %+v", path, e.url, f)
				assert.True(t, f.Complete, "%s: %s", path, e.url)
				break
			}
		}
		return nil
	}))
	for i, w := range want {
		assert.NotZero(t, counts[i], "nothing is recorded of %s", w.url)
	}
}

type writer struct{ p *Parser }

func (w writer) Write(b []byte) (int, error) {
	w.p.Write(b)
	return len(b), nil
}

type exchange struct {
	url string
	res *http.Response
}

// recorded reads langchaingo's format: after a line of its own, pairs of a
// request and a response with a line of their lengths before them.
func recorded(t *testing.T, path string) (list []exchange) {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	_, data, _ = bytes.Cut(data, []byte("\n"))
	for len(data) > 0 {
		var n, m int
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		_, err := fmt.Sscan(string(line), &n, &m)
		require.NoError(t, err, path)
		url := strings.TrimPrefix(strings.Fields(string(rest[:n]))[1], "https://")
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(rest[n:n+m])), nil)
		require.NoError(t, err, path)
		list = append(list, exchange{strings.TrimPrefix(url, "http://"), res})
		data = rest[n+m:]
	}
	return list
}
