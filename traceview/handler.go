// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/semconv"
)

// Handler returns a page for the program's own HTTP server: the traces that r keeps,
// newest first, with filters, a page for each, and sums per model and task. It answers at
// whatever path it is mounted:
//
//	recorder := traceview.NewRecorder()
//	shutdown, err := spanloom.Init(ctx, spanloom.WithSpanProcessor(recorder))
//	mux.Handle("/debug/llm/", traceview.Handler(recorder))
//
// The page shows what the spans hold. Mount it on a loopback address or behind the
// program's own authentication. A request to a loopback address must ask for localhost or
// such an address: else any web page could read it through a name of its own.
func Handler(r *Recorder) http.Handler { return handler{r} }

type handler struct{ recorder *Recorder }

func (h handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "traceview: use GET", http.StatusMethodNotAllowed)
		return
	}
	if foreignName(req) {
		http.Error(w, fmt.Sprintf("traceview: the host %q is not of this machine: ask for localhost, or let the proxy set Host", req.Host), http.StatusForbidden)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("X-Frame-Options", "DENY")
	query := req.URL.Query()
	switch {
	case query.Has("trace"):
		h.trace(w, query.Get("trace"))
	case query.Has("list"):
		entries := h.recorder.entries()
		slices.Reverse(entries)
		writeJSON(w, entries)
	case query.Has("usage"):
		var total sums
		for _, e := range h.recorder.entries() {
			total.merge(e.sums)
		}
		writeJSON(w, total.usage())
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = listPage.write(w, "LLM traces", nil) // the error is the connection's
	}
}

// foreignName tells whether a loopback address was asked for by a name of somebody else, as
// a web page does whose owner lets its name resolve to 127.0.0.1 (DNS rebinding).
func foreignName(req *http.Request) bool {
	local, _ := req.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if local == nil || !local.IP.IsLoopback() {
		return false
	}
	name := strings.ToLower((&url.URL{Host: req.Host}).Hostname())
	return name != "localhost" && !strings.HasSuffix(name, ".localhost") && !net.ParseIP(name).IsLoopback()
}

func (h handler) trace(w http.ResponseWriter, text string) {
	id, err := trace.TraceIDFromHex(text)
	spans := h.recorder.Trace(id)
	if err != nil || spans == nil {
		http.Error(w, fmt.Sprintf("traceview: no trace %q here: it was forgotten for newer ones, or never seen", text), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = WriteHTML(w, spans) // the error is the connection's
}

// entry is a trace in the list.
type entry struct {
	head
	Spans    int      `json:"spans"`
	Errors   int      `json:"errors"`
	Usage    Row      `json:"usage"`
	Models   []string `json:"models"`
	Workflow string   `json:"workflow,omitempty"`
	Session  string   `json:"session,omitempty"`
	Text     string   `json:"text,omitempty"`

	sums *sums
}

func entryOf(spans []sdktrace.ReadOnlySpan) entry {
	t := treesOf(spans)[0]
	e := entry{head: t.head(), Spans: len(spans), Text: t.roots[0].text(inputKeys...), sums: sumOf(t)}
	usage := e.sums.usage()
	e.Usage = usage.Total
	for _, m := range usage.Models {
		e.Models = append(e.Models, m.Name)
	}
	for _, one := range spans {
		s := spanOf(one)
		if s.failed() {
			e.Errors++
		}
		e.Workflow = cmp.Or(e.Workflow, s.text(semconv.TraceloopWorkflowName, semconv.WorkflowName))
		e.Session = cmp.Or(e.Session, s.text(semconv.SessionID, semconv.ConversationID))
	}
	return e
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the error is the connection's
}
