// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/spanloom/spanloom/privacy"
)

// kind says what may be in a variable. Without ok anything may, and without
// shown all of it may be shown.
type kind struct {
	allowed     string
	ok          func(string) bool
	shown       func(string) string
	least, most int // of numbers
}

const (
	httpURL = "a URL with http or https, such as http://localhost:4318, and a port up to 65535"
	grpcURL = "a URL with http, https, grpc or grpcs, such as http://localhost:4318, and a port up to 65535"
)

var (
	anything   = kind{}
	key        = kind{shown: hidden}
	file       = kind{shown: shownFile}
	boolean    = kind{allowed: "true or false", ok: func(v string) bool { return slices.Contains([]string{"true", "false", "1", "0"}, strings.ToLower(v)) }}
	count      = number("a whole number", 0, math.MaxInt32)
	spans      = number("a whole number", 1, MaxQueue).andLarger()
	endpoint   = kind{allowed: httpURL, ok: func(v string) bool { u, err := parseURL(v); return err == nil && strings.HasPrefix(u.Scheme, "http") }, shown: ShownURL}
	baseURL    = kind{allowed: grpcURL, ok: func(v string) bool { _, err := parseURL(v); return err == nil }, shown: ShownURL}
	attributes = kind{allowed: "name=value,name=value, with %20 for a space", ok: func(v string) bool { _, ok := pairs(v); return ok }, shown: shownPairs}
	headers    = kind{allowed: attributes.allowed, ok: isHeaders, shown: hidden}
)

// oneOf takes the words of a text such as "a, b or c".
func oneOf(allowed string) kind {
	folded := words(strings.ToLower(allowed))
	return kind{allowed: allowed, ok: func(v string) bool { return slices.Contains(folded, strings.ToLower(v)) }}
}

// exactly is oneOf where upper and lower case are not the same.
func exactly(allowed string) kind {
	return kind{allowed: allowed, ok: func(v string) bool { return slices.Contains(words(allowed), v) }}
}

func number(what string, least, most int) kind {
	k := kind{allowed: fmt.Sprintf("%s from %d to %d", what, least, most), least: least, most: most}
	k.ok = func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n >= least && n <= most }
	return k
}

// andLarger says of a number what Int does with one that is too large.
func (k kind) andLarger() kind {
	k.allowed += ", which is used for any larger one"
	return k
}

func milliseconds(least int) kind {
	return number("milliseconds, a whole number", least, math.MaxInt32)
}

// parseURL takes http, https, grpc and grpcs.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint("0"+u.Port(), 10, 64)
	if !slices.Contains([]string{"http", "https", "grpc", "grpcs"}, u.Scheme) || u.Hostname() == "" || err != nil || port > math.MaxUint16 {
		return nil, errors.New("no URL of a backend")
	}
	return u, nil
}

// pairs reads W3C lists: name=value,name=value, percent-encoded. ok is false if
// an item is no pair; the others are returned.
func pairs(list string) (m map[string]string, ok bool) {
	m, ok = map[string]string{}, true
	for item := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		name, value, found := strings.Cut(item, "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || err != nil || name == "" || strings.ContainsAny(name, " \t:") {
			ok = false
			continue
		}
		m[name] = value
	}
	return m, ok
}

// isHeaders takes lists whose names HTTP allows: the exporters leave others out.
func isHeaders(list string) bool {
	m, ok := pairs(list)
	for name, value := range m {
		ok = ok && httpguts.ValidHeaderFieldName(name) && httpguts.ValidHeaderFieldValue(value)
	}
	return ok
}

// words are the values of a text such as "a, b or c".
func words(allowed string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(allowed, " or ", ","), func(r rune) bool { return r == ',' || r == ' ' })
}

// Hidden stands for a value that is a secret as a whole, and cut for the part of
// one that is.
const (
	Hidden = "(set, not shown)"
	cut    = "…"
)

// Shown is the value as people may see it, in errors as well: these get into
// logs.
func (v Variable) Shown(value string) string {
	if v.shown == nil {
		return value
	}
	return v.shown(value)
}

func hidden(string) string { return Hidden }

var (
	userOfURL  = regexp.MustCompile(`(?s)^([A-Za-z][A-Za-z0-9+.-]*://)?.*@`)
	queryOfURL = regexp.MustCompile(`\?[^#]+`)
	fragment   = regexp.MustCompile(`(?s)#.+`)
)

// ShownURL leaves out of a URL what may be a key: user, password, query and
// fragment. It does so with what is no URL, too: a bad value is quoted in errors.
func ShownURL(value string) string {
	value = userOfURL.ReplaceAllString(value, "${1}"+cut+"@")
	value = queryOfURL.ReplaceAllString(value, "?"+cut)
	return fragment.ReplaceAllString(value, "#"+cut)
}

// shownPairs leaves out the values of a list whose names are those of keys. These
// are attributes that somebody chose, so that a token is none that models count.
func shownPairs(list string) string {
	items := strings.Split(list, ",")
	for i, item := range items {
		name, value, ok := strings.Cut(item, "=")
		attribute := strings.TrimSpace(name)
		switch {
		case !ok:
		case privacy.IsSecretName(attribute) || privacy.IsTokenName(attribute):
			items[i] = name + "=" + cut
		case strings.Contains(value, "://"):
			items[i] = name + "=" + ShownURL(value)
		}
	}
	return strings.Join(items, ",")
}

// shownFile hides a key that was put where the name of its file belongs.
func shownFile(value string) string {
	if strings.Contains(value, "-----BEGIN") {
		return Hidden
	}
	return value
}
