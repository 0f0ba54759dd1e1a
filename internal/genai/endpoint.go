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
	} else if strings.Contains(s, "://") {
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" || strings.Contains(u.Host, ",") {
			return "", 0
		}
		return u.Hostname(), portOf(u, port)
	} else if strings.Contains(s, "=") {
		settings := s
		s = ""
		for setting := range strings.FieldsSeq(settings) {
			if host, ok := strings.CutPrefix(setting, "host="); ok {
				s = host
			} else if n, ok := strings.CutPrefix(setting, "port="); ok {
				port = number(n, port)
			}
		}
	}
	host, n, err := net.SplitHostPort(s)
	if err != nil {
		host = s
	}
	if host = strings.Trim(host, "[]"); host == "" || strings.ContainsAny(s, "@=, ") {
		return "", 0
	}
	return host, number(n, port)
}

// PortOf returns the port of a URL, or the default one of its scheme.
func PortOf(u *url.URL) int { return portOf(u, 443) }

func portOf(u *url.URL, otherwise int) int {
	switch u.Scheme {
	case "http":
		otherwise = 80
	case "https":
		otherwise = 443
	}
	return number(u.Port(), otherwise)
}

func number(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return otherwise
}
