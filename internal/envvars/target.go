// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"fmt"
	"net/textproto"
	"net/url"
	"strings"
)

const (
	traceloopURL = "https://api.traceloop.com"
	// The specification's defaults. Left to themselves, Go's exporters would ask
	// there for TLS, which no local backend speaks.
	localHTTP = "http://localhost:4318"
	localGRPC = "http://localhost:4317"
)

// Override is what a program says itself.
type Override struct {
	Endpoint, APIKey string
	Headers          map[string]string
}

// Target is where OTLP of a signal goes.
type Target struct {
	// URL is what is asked in the end: for gRPC, whose paths are fixed, without
	// one. http is without TLS, and https with it.
	URL  string
	GRPC bool
	// Headers have canonical names.
	Headers map[string]string
	// Source is who said where.
	Source string
	// Cut is true where a user, a password or a query was in the URL: OTLP's
	// exporters do not send these.
	Cut bool
}

// The sources that are no variables.
const (
	sourceEndpoint = "WithEndpoint"
	sourceAPIKey   = "WithAPIKey"
	sourceDefault  = "default"
)

// Resolve finds the target of a signal, TRACES or METRICS. What belongs to
// Traceloop's variables stays with Traceloop's URL: a key must not reach another
// backend because it is set. Without an endpoint a key that is an option goes to
// Traceloop, not to whoever listens on this machine.
func (l Lookup) Resolve(signal string, o Override) (Target, error) {
	proto, _ := l.otlp(signal, "PROTOCOL")
	t := Target{GRPC: proto == "grpc"}
	// The exporters read these whatever the options say, and print a bad value.
	for _, name := range []string{prefix + "ENDPOINT", prefix + "HEADERS", prefix + signal + "_ENDPOINT", prefix + signal + "_HEADERS"} {
		v := variable(name)
		value, _ := l.Get(name)
		if err := v.Check(value); value != "" && err != nil && v.Shown(value) != value {
			return t, err
		}
	}
	raw := ""
	raw, t.Source = l.where(signal, o, t.GRPC)
	u, err := parseURL(raw)
	standard := strings.HasPrefix(t.Source, prefix)
	if err != nil || standard && strings.HasPrefix(u.Scheme, "grpc") {
		allowed := grpcURL
		if standard {
			allowed = httpURL
		}
		return t, fmt.Errorf("%s=%q: use %s", t.Source, ShownURL(raw), allowed)
	}
	t.Cut = u.User != nil || u.RawQuery != ""
	t.Headers = l.headers(signal, t.Source, o)
	switch u.Scheme {
	case "grpc":
		t.GRPC, u.Scheme = true, "http"
	case "grpcs":
		t.GRPC, u.Scheme = true, "https"
	}
	base := strings.TrimSuffix(u.EscapedPath(), "/")
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	switch {
	case t.GRPC:
		u.Path, u.RawPath = "", ""
	case t.Source != prefix+signal+"_ENDPOINT":
		// Some backends' pages show the URL of one signal.
		base = strings.TrimSuffix(strings.TrimSuffix(base, path("TRACES")), path("METRICS"))
		u.Path, u.RawPath = "", ""
		u = u.JoinPath(base, path(signal))
	case u.Path == "":
		u.Path = "/"
	}
	t.URL = u.String()
	return t, nil
}

// where finds the endpoint, and who named it.
func (l Lookup) where(signal string, o Override, grpc bool) (raw, source string) {
	if o.Endpoint != "" {
		return o.Endpoint, sourceEndpoint
	}
	if v, name := l.otlp(signal, "ENDPOINT"); v != "" {
		return v, name
	}
	if v, name := l.Get(TraceloopBaseURL); v != "" {
		return v, name
	}
	if key, name := l.Get(TraceloopAPIKey); key != "" {
		return traceloopURL, name
	}
	if o.APIKey != "" {
		return traceloopURL, sourceAPIKey
	}
	if grpc {
		return localGRPC, sourceDefault
	}
	return localHTTP, sourceDefault
}

// headers puts together what the environment has for this target, the key, and
// the program's headers, of which the later win. The exporters would replace the
// environment's by the program's.
func (l Lookup) headers(signal, source string, o Override) map[string]string {
	headers := map[string]string{}
	set := func(more map[string]string) {
		for name, value := range more {
			headers[textproto.CanonicalMIMEHeaderKey(name)] = value
		}
	}
	add := func(list string) { more, _ := pairs(list); set(more) }
	bearer := func(key string) { headers["Authorization"] = "Bearer " + key }
	traceloop := source == TraceloopBaseURL || source == TraceloopAPIKey || source == sourceAPIKey
	list, _ := l.Get(TraceloopHeaders)
	key, _ := l.Get(TraceloopAPIKey)
	switch {
	case traceloop && list != "":
		add(list)
	case traceloop && key != "":
		bearer(key)
	case source == sourceAPIKey:
		// Nobody named this place: the headers were meant for another.
	default:
		list, _ = l.otlp(signal, "HEADERS")
		add(list)
	}
	if o.APIKey != "" {
		bearer(o.APIKey)
	}
	set(o.Headers)
	return headers
}

func path(signal string) string { return "/v1/" + strings.ToLower(signal) }
