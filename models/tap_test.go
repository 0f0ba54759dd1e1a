// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/models"
)

// exchange sends a request whose response has the body, on a chat span.
func exchange(t testing.TB, k *oteltest.Kit, header http.Header, body io.Reader) (*http.Response, *callbacks.Span) {
	rt := models.NewTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(body)}, nil
	}))
	ctx, span := k.Handler.Start(t.Context(), callbacks.KindChat, "m")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/", nil)
	require.NoError(t, err)
	res, err := rt.RoundTrip(req)
	require.NoError(t, err)
	return res, span
}

// Whatever comes, in whatever pieces: the reader gets the same bytes and the
// same end.
func FuzzTap(f *testing.F) {
	f.Add([]byte(chatResponse), "application/json", "", uint8(7))
	f.Add([]byte("data: {\"id\":\"a\"}\n\ndata: [DONE]\n\n"), "text/event-stream", "", uint8(1))
	f.Add([]byte("{\"done\":true}\n"), "application/x-ndjson", "", uint8(3))
	f.Add([]byte("\x1f\x8b\x08\x00"), "application/json", "gzip", uint8(2))
	f.Fuzz(func(t *testing.T, body []byte, contentType, encoding string, piece uint8) {
		k := oteltest.New(t)
		header := http.Header{"Content-Type": {contentType}, "Content-Encoding": {encoding}}
		res, span := exchange(t, k, header, iotest.DataErrReader(bytes.NewReader(body)))
		var got bytes.Buffer
		buf := make([]byte, int(piece)+1)
		for {
			n, err := res.Body.Read(buf)
			got.Write(buf[:n])
			if err != nil {
				require.Equal(t, io.EOF, err)
				break
			}
		}
		require.NoError(t, res.Body.Close())
		span.End(nil)
		require.Equal(t, string(body), got.String())
	})
}

// A hundred megabytes pass in a few kilobytes.
func TestTapKeepsNothing(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector allocates")
	}
	// The count is the whole process's, and Google's SDK leaves the connections of
	// its cache client open, dialling for ever: in a process of its own.
	const alone = "SPANLOOM_TEST_ALONE"
	if os.Getenv(alone) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), alone+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "--- PASS: "+t.Name())
		return
	}
	const size = 100 << 20
	for name, body := range map[string]io.Reader{
		"one string": io.MultiReader(strings.NewReader(`{"id":"a","x":"`), io.LimitReader(repeating('x'), size), strings.NewReader(`","usage":{"prompt_tokens":5}}`)),
		"an array":   io.MultiReader(strings.NewReader(`{"id":"a","x":[1`), io.LimitReader(repeating('1'), size), strings.NewReader(`],"usage":{"prompt_tokens":5}}`)),
	} {
		k := oteltest.New(t)
		res, span := exchange(t, k, http.Header{"Content-Type": {"application/json"}}, body)
		var before, after runtime.MemStats
		buf := make([]byte, 64<<10)
		runtime.ReadMemStats(&before)
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{res.Body}, buf)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		assert.Greater(t, n, int64(size))
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10), name)
		span.End(nil)
		assert.Equal(t, "5", oteltest.Value(k.Span(t, "chat m"), semconv.UsageInputTokens), name)
	}
}

type repeating byte

func (r repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

// Reading and closing at the same time is allowed of a body.
func TestTapIsClosedWhileItIsRead(t *testing.T) {
	k := oteltest.New(t)
	res, span := exchange(t, k, http.Header{"Content-Type": {"application/json"}}, io.LimitReader(repeating('['), 1<<20))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, res.Body)
	}()
	require.NoError(t, res.Body.Close())
	span.End(nil)
	<-done
}
