// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/contentenv"
	"github.com/spanloom/spanloom/internal/envvars"
	"github.com/spanloom/spanloom/metrics"
)

// report prints the findings, one a line.
type report struct {
	out    io.Writer
	failed bool
}

func (r *report) ok(what, format string, args ...any) {
	fmt.Fprintf(r.out, "ok    %-10s %s\n", what, fmt.Sprintf(format, args...))
}

func (r *report) skip(what, format string, args ...any) {
	fmt.Fprintf(r.out, "skip  %-10s %s\n", what, fmt.Sprintf(format, args...))
}

func (r *report) warn(what, format string, args ...any) {
	fmt.Fprintf(r.out, "warn  %-10s %s\n", what, fmt.Sprintf(format, args...))
}

func (r *report) fail(what, format string, args ...any) {
	r.failed = true
	fmt.Fprintf(r.out, "FAIL  %-10s %s\n", what, fmt.Sprintf(format, args...))
}

func doctor(ctx context.Context, args []string, env envvars.Lookup, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("spanloom doctor", flag.ContinueOnError)
	flags.SetOutput(stderr)
	timeout := flags.Duration("timeout", 10*time.Second, "longest time for all of it")
	if !parsed(flags, args) {
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	r := &report{out: stdout}
	if r.variables(env) {
		r.destinations(ctx, env)
		r.content(env)
		r.delivery(ctx, env)
	}
	if r.failed {
		return 1
	}
	return 0
}

func (r *report) variables(env envvars.Lookup) bool {
	set := 0
	for _, v := range envvars.All {
		if value, _ := env.Get(v.Name); value != "" {
			set++
		}
	}
	for _, sentence := range envvars.Misspelt(os.Environ()) {
		r.warn("variables", "%s", sentence)
	}
	if err := envvars.Check(env); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			r.fail("variables", "%s", strings.TrimPrefix(line, "spanloom: "))
		}
		return false
	}
	r.ok("variables", "%d set, all with values that are allowed; \"spanloom env\" shows them", set)
	return true
}

// destinations looks whether somebody listens, and what time it is there.
func (r *report) destinations(ctx context.Context, env envvars.Lookup) {
	seen := map[string]bool{}
	for _, signal := range []string{"TRACES", "METRICS"} {
		d := destination(env, signal)
		what := strings.ToLower(signal)
		if d.Error != "" {
			r.fail(what, "%s", d.Error)
			continue
		}
		r.ok(what, "go to %s (from: %s)", d.Value, d.Source)
		if d.cut {
			r.warn(what, "user, password and query of the URL in %s are not sent: keys belong into OTEL_EXPORTER_OTLP_HEADERS", d.Source)
		}
		u, err := url.Parse(strings.TrimSuffix(d.Value, " (gRPC)"))
		if err != nil || u.Host == "" || seen[u.Host] {
			continue
		}
		seen[u.Host] = true
		r.reachable(ctx, u)
	}
}

func (r *report) reachable(ctx context.Context, u *url.URL) {
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	start := time.Now()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		r.fail("network", "nobody answers at %s: %v", address, err)
		return
	}
	_ = conn.Close()
	r.ok("network", "%s accepts connections, after %s", address, time.Since(start).Round(time.Millisecond))

	req, err := http.NewRequestWithContext(ctx, http.MethodHead, u.Scheme+"://"+u.Host+"/", nil)
	if err != nil {
		return
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // gRPC, or TLS that the delivery will tell of
	}
	_ = res.Body.Close()
	if there, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		if skew := time.Since(there).Round(time.Second); skew.Abs() > time.Minute {
			r.warn("clock", "this machine and the backend differ by %s: spans will seem to be in the wrong order, or be refused", skew)
			return
		}
		r.ok("clock", "agrees with the backend's")
	}
}

func (r *report) content(env envvars.Lookup) {
	policy, source, _ := contentenv.Policy(env)
	_, err := callbacks.NewHandler()
	switch {
	case err != nil:
		r.fail("content", "%v", err)
	case policy == contentenv.Redact || policy == contentenv.Hash:
		r.ok("content", "prompts and answers are recorded, but for what %s=%s hides", source, policy)
	case policy == contentenv.Verbatim:
		r.warn("content", "prompts and answers are recorded as they are, because of %s", source)
	default:
		r.ok("content", "prompts and answers stay out of the telemetry")
	}
}

// delivery sends a trace and a metric with the very set-up a program would have.
func (r *report) delivery(ctx context.Context, env envvars.Lookup) {
	if env.Bool(envvars.Disabled, false) {
		r.warn("delivery", "%s=true: nothing is sent", envvars.Disabled)
		return
	}
	// A backend that takes a request and refuses what is in it is told of here.
	var refused refusals
	otel.SetErrorHandler(&refused)
	shutdown, wrong := spanloom.Init(ctx, spanloom.WithLogger(slog.New(slog.DiscardHandler)))
	h, err := callbacks.NewHandler(callbacks.WithPrices(nil))
	if err != nil {
		r.fail("delivery", "%v", err)
	}
	inside, span := h.Start(ctx, callbacks.KindChat, "spanloom-doctor")
	span.SetUsage(metrics.Usage{Input: 1, Output: 1})
	traced := trace.SpanContextFromContext(inside)
	span.End(nil)
	failed := r.undelivered(errors.Join(wrong, shutdown(ctx), refused.err()))
	// What went wrong and belongs to no signal may have gone wrong with both.
	if !failed["traces"] && !failed[""] {
		if !traced.IsSampled() {
			sampler, _ := env.Get("OTEL_TRACES_SAMPLER")
			r.warn("delivery", "traces: not tried, OTEL_TRACES_SAMPLER=%s left this one out; OTEL_TRACES_SAMPLER=always_on doctor tries it", sampler)
		} else {
			r.delivered("traces", env, envvars.TracesExporter, fmt.Sprintf("accepted; look for trace %s, span \"chat spanloom-doctor\"", traced.TraceID()))
		}
	}
	if !failed["metrics"] && !failed[""] {
		r.delivered("metrics", env, envvars.MetricsExporter, "accepted")
	}
}

// delivered says of a signal without errors what that means: of most exporters,
// not that a backend has it.
func (r *report) delivered(signal string, env envvars.Lookup, variable, accepted string) {
	switch kind, _ := env.Get(variable); kind {
	case "", "otlp":
		r.ok("delivery", "%s: %s", signal, accepted)
	case "none":
		r.skip("delivery", "%s: not sent, %s=none", signal, variable)
	case "console":
		r.ok("delivery", "%s: written to standard output, %s=console", signal, variable)
	case "prometheus":
		r.ok("delivery", "%s: served at %s while a program runs; whether Prometheus comes for them is not known here", signal, env.PrometheusURL())
	default:
		r.ok("delivery", "%s: given to the exporter %q, which returned no error", signal, kind)
	}
}

// undelivered prints what is wrong, and returns of which signals; "" is for what
// belongs to none.
func (r *report) undelivered(err error) map[string]bool {
	failed := map[string]bool{}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			maps.Copy(failed, r.undelivered(e))
		}
		return failed
	}
	if err == nil {
		return failed
	}
	signal := ""
	if of, ok := errors.AsType[*spanloom.SignalError](err); ok {
		signal = of.Signal
	}
	failed[signal] = true
	for line := range strings.SplitSeq(err.Error(), "\n") {
		r.fail("delivery", "%s", strings.TrimPrefix(line, "spanloom: "))
	}
	return failed
}

type refusals struct {
	mu   sync.Mutex
	errs []error
}

// Handle implements otel.ErrorHandler.
func (r *refusals) Handle(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *refusals) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.errs...)
}
