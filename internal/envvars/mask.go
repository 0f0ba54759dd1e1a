// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"regexp"
	"strings"

	"github.com/spanloom/spanloom/privacy"
)

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
