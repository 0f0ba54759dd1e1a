// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"fmt"
	"maps"
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
	// Base is nil when the exporters are to read the environment themselves.
	Base    *url.URL
	GRPC    bool
	Headers map[string]string
	// URL is what is asked in the end, and Source who said so.
	URL, Source string
}

// Resolve finds the target of a signal, TRACES or METRICS. What belongs to
// Traceloop's variables stays with Traceloop's URL: a key must not reach another
// backend because it was lying about.
func (l Lookup) Resolve(signal string, o Override) (Target, error) {
	proto, _ := l.otlp(signal, "PROTOCOL")
	t := Target{GRPC: proto == "grpc", Headers: maps.Clone(o.Headers)}
	raw, key := o.Endpoint, o.APIKey
	t.Source = "WithEndpoint"
	if raw == "" {
		if v, name := l.otlp(signal, "ENDPOINT"); v != "" {
			t.URL, t.Source = v, name
			if name == prefix+"ENDPOINT" && !t.GRPC {
				t.URL = strings.TrimSuffix(v, "/") + path(signal)
			}
			return t.withKey(key), nil
		}
		raw, t.Source = l.Get(TraceloopBaseURL)
		traceloopKey, _ := l.Get(TraceloopAPIKey)
		if raw == "" && traceloopKey != "" && key == "" {
			raw, t.Source = traceloopURL, TraceloopAPIKey
		}
		if raw == "" {
			raw, t.Source = localHTTP, "default"
			if t.GRPC {
				raw = localGRPC
			}
			return t.at(raw, signal).withKey(key), nil
		}
		if list, _ := l.Get(TraceloopHeaders); list != "" && t.Headers == nil {
			t.Headers = Pairs(list)
		} else if t.Headers == nil && key == "" {
			key = traceloopKey
		}
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return t, endpointError(t.Source, raw)
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
	case "grpc":
		t.GRPC, u.Scheme = true, "http"
	case "grpcs":
		t.GRPC, u.Scheme = true, "https"
	default:
		return t, endpointError(t.Source, raw)
	}
	// Some backends' pages show the URL of one signal.
	u.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), path("TRACES")), path("METRICS"))
	return t.at(u.String(), signal).withKey(key), nil
}

// at sets the target to a base URL, which must be valid.
func (t Target) at(base, signal string) Target {
	t.Base, _ = url.Parse(base)
	if t.URL = base; !t.GRPC {
		t.URL = t.SignalURL(signal)
	}
	return t
}

// SignalURL is the URL of a signal below Base, for OTLP over HTTP.
func (t Target) SignalURL(signal string) string { return t.Base.JoinPath(path(signal)).String() }

func path(signal string) string { return "/v1/" + strings.ToLower(signal) }

func endpointError(source, raw string) error {
	return fmt.Errorf("spanloom: %s=%q: use a URL with http or https, such as http://localhost:4318, or with grpc or grpcs", source, ShownURL(raw))
}

// withKey adds the key as a bearer token, unless the headers say otherwise.
func (t Target) withKey(key string) Target {
	if key == "" {
		return t
	}
	for name := range t.Headers {
		if strings.EqualFold(name, "Authorization") {
			return t
		}
	}
	headers := map[string]string{"Authorization": "Bearer " + key}
	maps.Copy(headers, t.Headers)
	t.Headers = headers
	return t
}
