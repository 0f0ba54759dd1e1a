// SPDX-License-Identifier: Apache-2.0

// Package envvars knows the environment variables that spanloom.Init and
// OpenTelemetry follow. The SDK logs a bad value and goes on with the default;
// a night of traces in the wrong place is the result, so they are checked.
package envvars

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Variable is one of them.
type Variable struct {
	Name string
	// Allowed says what may be in it, for errors.
	Allowed string
	Default string
	Purpose string
	// Secret values are never shown.
	Secret bool
	check  func(string) bool
	// shown masks the part of a value that may be a secret.
	shown func(string) string
}

// Lookup reads a variable, as os.LookupEnv does.
type Lookup func(name string) (string, bool)

// Get returns the value of the first variable that is set and not empty, and its
// name: an empty variable counts as none, as OpenTelemetry wants it.
func (l Lookup) Get(names ...string) (value, name string) {
	for _, n := range names {
		if v, ok := l(n); ok && strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v), n
		}
	}
	return "", ""
}

// Check returns an error for each variable with a bad value, joined.
func Check(l Lookup) error {
	var errs []error
	for _, v := range All {
		if value, _ := l.Get(v.Name); value != "" {
			if err := v.Check(value); err != nil {
				errs = append(errs, fmt.Errorf("spanloom: %w", err))
			}
		}
	}
	if len(errs) == 0 {
		for _, infix := range []string{"", "TRACES_", "METRICS_"} {
			if _, err := l.clientCertificate(infix); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// Check returns an error that says what is allowed, for a bad value.
func (v Variable) Check(value string) error {
	if v.check(value) {
		return nil
	}
	return fmt.Errorf("%s=%q: use %s", v.Name, v.Shown(value), v.Allowed)
}

// Bool reads a variable that Check has passed.
func (l Lookup) Bool(name string, otherwise bool) bool {
	switch v, _ := l.Get(name); strings.ToLower(v) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return otherwise
}

// Int reads a variable that Check has passed.
func (l Lookup) Int(name string, otherwise int) int {
	v, _ := l.Get(name)
	if n, err := strconv.Atoi(v); err == nil {
		return n
	}
	return otherwise
}

// Value is what a variable of the list has, or its default.
func (l Lookup) Value(name string) string {
	if value, _ := l.Get(name); value != "" {
		return value
	}
	return variable(name).Default
}

// NamesBackend reports whether any variable says where telemetry goes, or that
// it goes nowhere.
func (l Lookup) NamesBackend() bool {
	value, _ := l.Get(
		prefix+"ENDPOINT", prefix+"TRACES_ENDPOINT", prefix+"METRICS_ENDPOINT",
		TracesExporter, MetricsExporter, TraceloopAPIKey, TraceloopBaseURL,
	)
	return value != ""
}

// PrometheusURL is where metrics are served with OTEL_METRICS_EXPORTER=prometheus.
func (l Lookup) PrometheusURL() string {
	return "http://" + net.JoinHostPort(l.Value(PrometheusHost), l.Value(PrometheusPort)) + "/metrics"
}

// Timeout is the longest time of one export of a signal, TRACES or METRICS, by
// OTLP; 0 is none.
func (l Lookup) Timeout(signal string) time.Duration {
	_, name := l.otlp(signal, "TIMEOUT")
	return time.Duration(l.Int(name, 10_000)) * time.Millisecond
}

func isBool(v string) bool { return folded("true", "false", "1", "0")(v) }

func oneOf(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, v) }
}

// folded is oneOf where upper and lower case are the same.
func folded(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, strings.ToLower(v)) }
}

func positive(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n > 0 && n <= math.MaxInt32
}

func notNegative(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n >= 0 && n <= math.MaxInt32
}

func isPort(v string) bool {
	_, err := strconv.ParseUint(v, 10, 16)
	return err == nil
}

func isRatio(v string) bool {
	f, err := strconv.ParseFloat(v, 64)
	return err == nil && f >= 0 && f <= 1
}

func isURL(schemes ...string) func(string) bool {
	return func(v string) bool {
		u, err := url.Parse(v)
		return err == nil && slices.Contains(schemes, strings.ToLower(u.Scheme)) && u.Host != ""
	}
}

// isPairs takes W3C lists: name=value,name=value, percent-encoded.
func isPairs(v string) bool {
	for item := range strings.SplitSeq(v, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		name, value, ok := strings.Cut(item, "=")
		if _, err := url.PathUnescape(value); !ok || err != nil || strings.TrimSpace(name) == "" || strings.ContainsAny(strings.TrimSpace(name), " \t:") {
			return false
		}
	}
	return true
}

// isHeaders takes isPairs whose names HTTP allows: the exporters leave others
// out.
func isHeaders(v string) bool {
	if !isPairs(v) {
		return false
	}
	for name := range Pairs(v) {
		if strings.ContainsFunc(name, func(r rune) bool {
			letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
			return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
		}) {
			return false
		}
	}
	return true
}

// Pairs reads a list that Check has passed.
func Pairs(v string) map[string]string {
	m := map[string]string{}
	for item := range strings.SplitSeq(v, ",") {
		name, value, ok := strings.Cut(item, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); ok && err == nil && name != "" {
			m[name] = value
		}
	}
	return m
}

func anything(string) bool { return true }
