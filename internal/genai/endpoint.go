// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"net"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// location reads a string or a url.URL, also from an unexported field, where
// Interface panics.
func location(v reflect.Value) string {
	if v = indirect(v); v.IsValid() && v.Type() == reflect.TypeFor[url.URL]() {
		return v.FieldByName("Scheme").String() + "://" + v.FieldByName("Host").String()
	}
	return text(v)
}

// endpoint finds host and port in a URL, a bare host, or a connection string:
// user:pass@tcp(host:port)/db of MySQL's family, host=a port=b of Postgres. It
// returns "" for anything else, since a guess could contain a password.
func endpoint(s string, port int) (string, int) {
	s = strings.TrimSpace(s)
	if _, rest, ok := strings.Cut(s, "@tcp("); ok {
		s, _, _ = strings.Cut(rest, ")")
		return hostPort(s, port)
	}
	if strings.Contains(s, "://") {
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" {
			return "", 0
		}
		switch {
		case u.Port() != "":
			return hostPort(u.Host, port)
		case u.Scheme == "https":
			port = 443
		case u.Scheme == "http":
			port = 80
		}
		return u.Hostname(), port
	}
	if strings.Contains(s, "=") {
		host := ""
		for f := range strings.FieldsSeq(s) {
			k, v, _ := strings.Cut(f, "=")
			switch k {
			case "host":
				host = v
			case "port":
				if n, err := strconv.Atoi(v); err == nil {
					port = n
				}
			}
		}
		return hostPort(host, port)
	}
	return hostPort(s, port)
}

func hostPort(s string, port int) (string, int) {
	if strings.ContainsAny(s, "@=, ") {
		return "", 0
	}
	host := s
	if h, p, err := net.SplitHostPort(s); err == nil {
		host = h
		if n, err := strconv.Atoi(p); err == nil {
			port = n
		}
	}
	if host = strings.Trim(host, "[]"); host == "" {
		return "", 0
	}
	return host, port
}
