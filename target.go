// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spanloom/spanloom/internal/envvars"
)

const traceloopURL = "https://api.traceloop.com"

// target is where OTLP goes.
type target struct {
	// base is nil when the exporters are to read the environment themselves.
	base    *url.URL
	grpc    bool
	headers map[string]string
}

// target resolves options and environment for a signal, TRACES or METRICS. What
// belongs to Traceloop's variables stays with Traceloop's URL: a key must not
// reach another backend because it was lying about.
func (c config) target(signal string) (target, error) {
	own, common := envvars.Protocol(signal)
	proto, _ := c.env.Get(own, common)
	t := target{grpc: proto == "grpc", headers: c.headers}
	own, common = envvars.Endpoint(signal)
	raw, source := c.endpoint, "WithEndpoint"
	if raw == "" {
		if v, _ := c.env.Get(own, common); v != "" {
			return c.withKey(t), nil
		}
		if raw, source = c.env.Get(envvars.TraceloopBaseURL); raw == "" {
			if key, _ := c.env.Get(envvars.TraceloopAPIKey); key == "" || c.apiKey != "" {
				return c.withKey(t), nil
			}
			raw = traceloopURL
		}
		if t.headers == nil {
			if list, _ := c.env.Get(envvars.TraceloopHeaders); list != "" {
				t.headers = envvars.Pairs(list)
			} else if key, _ := c.env.Get(envvars.TraceloopAPIKey); key != "" && c.apiKey == "" {
				t.headers = bearer(nil, key)
			}
		}
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return t, endpointError(source, raw)
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
	case "grpc":
		t.grpc, u.Scheme = true, "http"
	case "grpcs":
		t.grpc, u.Scheme = true, "https"
	default:
		return t, endpointError(source, raw)
	}
	// Some backends' pages show the URL of one signal.
	u.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/v1/traces"), "/v1/metrics")
	t.base = u
	return c.withKey(t), nil
}

func endpointError(source, raw string) error {
	return fmt.Errorf("spanloom: %s=%q: use a URL with http or https, such as http://localhost:4318, or with grpc or grpcs", source, raw)
}

func (c config) withKey(t target) target {
	if c.apiKey != "" {
		t.headers = bearer(t.headers, c.apiKey)
	}
	return t
}

// bearer adds the key, unless the headers say otherwise.
func bearer(headers map[string]string, key string) map[string]string {
	next := map[string]string{"Authorization": "Bearer " + key}
	for k, v := range headers {
		if strings.EqualFold(k, "Authorization") {
			return headers
		}
		next[k] = v
	}
	return next
}
