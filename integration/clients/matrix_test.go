// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/codes"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
)

// matrixProvider is one of langchaingo's clients. Left out are ernie, whose
// client ends the process at a line it cannot read (log.Fatalf, ernieclient.go:327)
// and whose New starts a goroutine that nothing stops, and watsonx, palm, vertex
// and local, which cannot be pointed at loopback: an SDK with fixed hosts and a
// token service, two gRPC clients, and a program.
type matrixProvider struct {
	name  string // gen_ai.provider.name
	model string // the model the client is set up with
	// client makes one that talks to url. Clients without an option for hc use
	// httputil.DefaultClient, which viaContext serves.
	client func(t *testing.T, url string, hc *http.Client) llms.Model
	// host is where a client sends its requests if that cannot be set; the
	// harness leads them to its server.
	host string
	// hidesServer: without the transport nobody knows the server.
	hidesServer bool
	// noTransport tells why no RoundTripper sees the call.
	noTransport string
	// ownErrors are errors that hold the request or the response: two of them are
	// never equal, only their types and texts.
	ownErrors bool
	cases     []matrixCase
}

// matrixCase is a call, what the server answers, and what the span must tell.
// Sources are places in langchaingo's llms folder, in the SDK below it, or in
// the provider's API reference.
type matrixCase struct {
	name, reason, source string

	client   func(t *testing.T, url string, hc *http.Client) llms.Model // instead of the provider's
	host     string                                                     // instead of the provider's
	messages []llms.MessageContent                                      // default: prompt
	options  []llms.CallOption
	call     bool // Call, not GenerateContent
	// stream and reasoning set a StreamingFunc and a StreamingReasoningFunc;
	// first is what they do at the first chunk that is not empty.
	stream, reasoning bool
	first             func(end func()) error
	// ends is the error the context ends with, by itself when the server has
	// the request, with first when that calls end, or before the call.
	ends       error
	beforeCall bool
	reply      reply
	noRequest  bool // the client fails before it sends one
	panics     bool
	racy       string // why two calls need not end alike
	want       facts
	or         *facts // the other way a racy call may end
	wire       facts  // what the transport adds
	partial    bool   // the client does not read to the end: what the transport has seen by then may be on the span
	provider   string // instead of the provider's
}

var matrixProviders = []matrixProvider{
	matrixOpenAI, matrixCompatible, matrixMaritaca, matrixAnthropic, matrixOllama, matrixGoogleAI, matrixMistral,
	matrixCohere, matrixHuggingFace, matrixLlamafile, matrixCloudflare, matrixBedrock,
}

// Every provider and mode, through the wrapper alone and with the transport in
// the provider's HTTP client, each beside the same call of the bare client.
func TestMatrix(t *testing.T) {
	eachMatrixCase(t, func(t *testing.T, p matrixProvider, c matrixCase) {
		t.Run("wrapper", func(t *testing.T) { p.try(t, c, false) })
		if p.noTransport == "" {
			t.Run("transport", func(t *testing.T) { p.try(t, c, true) })
		}
	})
}

// eachMatrixCase runs all cases, with what the provider has where a case has
// nothing of its own.
func eachMatrixCase(t *testing.T, try func(t *testing.T, p matrixProvider, c matrixCase)) {
	for _, name := range []string{"OPENAI_MODEL", "COHERE_MODEL", "LLAMAFILE_HOST"} {
		t.Setenv(name, "")
	}
	for _, p := range matrixProviders {
		t.Run(p.name, func(t *testing.T) {
			for _, c := range p.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.host = cmp.Or(c.host, p.host)
					if c.client == nil {
						c.client = p.client
					}
					try(t, p, c)
				})
			}
		})
	}
}

// Sources that are places in langchaingo are still there: an upgrade that moves
// them is the time to look at the cases again.
func TestMatrixSources(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tmc/langchaingo").Output()
	require.NoError(t, err)
	place := regexp.MustCompile(`^([a-z0-9_/]+\.go):(\d+)$`)
	for _, p := range matrixProviders {
		for _, c := range p.cases {
			require.NotEmpty(t, c.source, "%s: %s", p.name, c.name)
			for source := range strings.SplitSeq(c.source, ", ") {
				path, line := source, 1
				if m := place.FindStringSubmatch(source); m != nil {
					path = m[1]
					line, _ = strconv.Atoi(m[2])
				} else if !strings.HasSuffix(source, ".httprr") {
					continue
				}
				text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "llms", path))
				require.NoError(t, err, "%s: %s", p.name, c.name)
				lines := strings.Split(string(text), "\n")
				require.Greater(t, len(lines), line, source)
				assert.Greater(t, len(strings.TrimSpace(lines[line-1])), 2, "%s: %s: nothing is at %s", p.name, c.name, source)
			}
		}
	}
}

func (p matrixProvider) try(t *testing.T, c matrixCase, transport bool) {
	s := newLoopback(t, c)
	base := s.transport(c.host)
	bare := s.call(t, c, base, c.client(t, s.URL, &http.Client{Transport: base}))

	k := oteltest.New(t)
	seen := base
	if transport {
		seen = models.NewTransport(base)
	}
	got := s.call(t, c, seen, models.Wrap(c.client(t, s.URL, &http.Client{Transport: seen}), k.Handler))

	if c.racy == "" {
		assert.Equal(t, bare.res, got.res, c.reason)
		assert.Equal(t, bare.panicked, got.panicked, c.reason)
		assert.Equal(t, bare.chunks, got.chunks, c.reason)
		assert.Equal(t, fmt.Sprintf("%T %v", bare.err, bare.err), fmt.Sprintf("%T %v", got.err, got.err), c.reason)
		if !p.ownErrors {
			assert.Equal(t, bare.err, got.err, c.reason)
		}
	}
	assert.Equal(t, c.panics, got.panicked != "", got.panicked)
	require.Len(t, k.Spans.Spans(), 1)
	span := k.Spans.Spans()[0]
	for i := range got.requests {
		assert.Empty(t, got.requests[i].header.Get("Traceparent"), "no provider learns the trace's ids")
	}
	if c.racy == "" {
		assert.Equal(t, bare.requests, got.requests, "the server receives the same with and without us")
		assert.Equal(t, !c.noRequest, len(got.requests) == 1, "one request, or none")
	}

	want := p.want(c, s.host(c.host), got, transport)
	found := read(t, span)
	assertPoints(t, k, found)
	if c.or != nil && (found.errorType != want.errorType || found.errorType == c.or.errorType && found.incomplete == c.or.incomplete) {
		want.errorType, want.incomplete = c.or.errorType, c.or.incomplete
	}
	if c.partial && transport {
		found, want = found.withoutAnswer(), want.withoutAnswer()
		found.incomplete = found.incomplete && want.incomplete // beside an error it may be told, too
	}
	if want != found {
		t.Errorf("%s (%s)\nwant %s\n got %s", c.reason, c.source, want, found)
	}
	assert.Equal(t, strings.TrimSpace("chat "+found.model), span.Name())
	wantStatus := codes.Unset
	if found.errorType != "" {
		wantStatus = codes.Error
	}
	assert.Equal(t, wantStatus, span.Status().Code)
}
