// SPDX-License-Identifier: Apache-2.0

// Package envvars has the environment variables that spanloom.Init follows: what
// may be in them, what of them may be shown, and where telemetry goes by them.
package envvars

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Lookup reads a variable, as os.LookupEnv does.
type Lookup func(name string) (string, bool)

// Get returns the value of the first variable that is set and not empty, and its
// name. OpenTelemetry wants an empty variable to count as none.
func (l Lookup) Get(names ...string) (value, name string) {
	for _, n := range names {
		if v, ok := l(n); ok && strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v), n
		}
	}
	return "", ""
}

// otlp returns the value of a variable of OTLP's exporters, ENDPOINT for
// example: the signal's own, TRACES or METRICS, before the common one.
func (l Lookup) otlp(signal, what string) (value, name string) {
	return l.Get(prefix+signal+"_"+what, prefix+what)
}

// Errors returns an error for each variable with a bad value.
func Errors(l Lookup) (errs []error) {
	for _, v := range All {
		if value, _ := l.Get(v.Name); value != "" {
			if err := v.Check(value); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, signal := range []string{"TRACES", "METRICS"} {
		_, err := l.TLS(signal)
		if err != nil && (len(errs) == 0 || errs[len(errs)-1].Error() != err.Error()) {
			errs = append(errs, err)
		}
	}
	return errs
}

// Check joins Errors.
func Check(l Lookup) error { return errors.Join(Errors(l)...) }

// Check returns an error that says what is allowed, for a bad value.
func (v Variable) Check(value string) error {
	if v.ok == nil || v.ok(value) {
		return nil
	}
	return fmt.Errorf("%s=%q: use %s", v.Name, v.Shown(value), v.allowed)
}

// Bool is what a variable has; otherwise is for none and for a bad value.
func (l Lookup) Bool(name string, otherwise bool) bool {
	switch v, _ := l.Get(name); strings.ToLower(v) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return otherwise
}

// Int is the number that a variable of the list has. A bad value counts as the
// default, and a larger number than is allowed as the largest.
func (l Lookup) Int(name string) int {
	v := variable(name)
	value, _ := l.Get(name)
	n, err := strconv.Atoi(value)
	if err != nil || n < v.least {
		n, _ = strconv.Atoi(v.Default)
	}
	return min(n, v.most)
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
	name := prefix + "TIMEOUT"
	if value, own := l.Get(prefix + signal + "_TIMEOUT"); value != "" && variable(own).ok(value) {
		name = own
	}
	return time.Duration(l.Int(name)) * time.Millisecond
}

// Misspelt says of each variable in environ, as os.Environ returns it, that is
// nearly one of the list which one was meant.
func Misspelt(environ []string) (sentences []string) {
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.TrimSpace(value) == "" || !strings.HasPrefix(name, "OTEL_") && !strings.HasPrefix(name, "SPANLOOM_") && !strings.HasPrefix(name, "TRACELOOP_") {
			continue
		}
		if meant := nearest(name); meant != "" {
			sentences = append(sentences, name+" is not known: did you mean "+meant+"?")
		}
	}
	return sentences
}

// nearest returns "" for a name of the list, of a signal that Init does not set
// up, and for one that is like none.
func nearest(name string) (meant string) {
	for _, other := range []string{"OTEL_BLRP_", "OTEL_LOG", prefix + "LOGS_"} {
		if strings.HasPrefix(name, other) {
			return ""
		}
	}
	const mostDifferent = 3
	least := len(name)
	for _, v := range All {
		if v.Name == name {
			return ""
		}
		different, leftOut := difference(name, v.Name)
		if different < least && (different <= mostDifferent || leftOut) {
			least, meant = different, v.Name
		}
	}
	return meant
}

// difference is the length of the part between the common beginning and the
// common end. leftOut is true where name has all of meant but that part.
func difference(name, meant string) (length int, leftOut bool) {
	shorter, begin, end := min(len(name), len(meant)), 0, 0
	for begin < shorter && name[begin] == meant[begin] {
		begin++
	}
	for end < shorter-begin && name[len(name)-1-end] == meant[len(meant)-1-end] {
		end++
	}
	return max(len(name), len(meant)) - begin - end, begin+end == len(name)
}
