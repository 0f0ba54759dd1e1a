// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// reply is what the server answers: with nothing else, 200 and the body as JSON.
type reply struct {
	status      int
	contentType string
	body        string
	cut         bool // the connection breaks after the body
}

// events is a stream of server-sent events, each with the name of its type where named.
func events(named bool, list ...string) reply {
	var b strings.Builder
	for _, e := range list {
		if _, rest, ok := strings.Cut(e, `"type":"`); ok && named {
			kind, _, _ := strings.Cut(rest, `"`)
			b.WriteString("event: " + kind + "\n")
		}
		b.WriteString("data: " + e + "\n\n")
	}
	return reply{contentType: "text/event-stream", body: b.String()}
}

func lines(list ...string) reply {
	return reply{contentType: "application/x-ndjson", body: strings.Join(list, "\n") + "\n"}
}

// cutShort breaks the connection after so many bytes.
func (r reply) cutShort(after string) reply {
	head, _, ok := strings.Cut(r.body, after)
	if !ok {
		panic("not in the body: " + after)
	}
	r.body, r.cut = head, true
	return r
}

// request is what the server received.
type request struct {
	method, url, body string
	header            http.Header
}

type server struct {
	*httptest.Server
	mu   sync.Mutex
	seen []request
}

func serve(t *testing.T, r reply) *server {
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		s.mu.Lock()
		s.seen = append(s.seen, request{req.Method, req.URL.String(), string(body), req.Header})
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if r.contentType != "" {
			w.Header().Set("Content-Type", r.contentType)
		}
		if r.status != 0 {
			w.WriteHeader(r.status)
		}
		_, _ = io.WriteString(w, r.body)
		if r.cut {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// requests returns what came since the last call.
func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}
