// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"net/url"
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
	switch {
	case v.Secret:
		return Hidden
	case v.shown != nil:
		return v.shown(value)
	}
	return value
}

// ShownURL leaves out of a URL what may be a key: user, password, query and
// fragment. It reads what is no URL, too: a bad value is the one that is quoted.
func ShownURL(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		// An @, a ? or a # may be part of a password here.
		scheme, rest, ok := strings.Cut(value, "://")
		if !ok {
			scheme, rest = "", value
		} else {
			scheme += "://"
		}
		if at := strings.LastIndex(rest, "@"); at >= 0 {
			return scheme + cut + rest[at:]
		}
		if tail := strings.IndexAny(rest, "?#"); tail >= 0 {
			return scheme + rest[:tail+1] + cut
		}
		return value
	}
	shown := u.Scheme + "://"
	if u.User != nil {
		shown += cut + "@"
	}
	shown += u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		shown += "?" + cut
	}
	if u.Fragment != "" {
		shown += "#" + cut
	}
	return shown
}

// shownPairs leaves out the values of a list whose names are those of keys.
func shownPairs(list string) string {
	items := strings.Split(list, ",")
	for i, item := range items {
		name, value, ok := strings.Cut(item, "=")
		switch {
		case !ok:
		case isSecret(strings.TrimSpace(name)):
			items[i] = name + "=" + cut
		case strings.Contains(value, "://"):
			items[i] = name + "=" + ShownURL(value)
		}
	}
	return strings.Join(items, ",")
}

// isSecret reads names of attributes that somebody chose: there, other than in
// texts, a token is none of those that models count.
func isSecret(name string) bool {
	return privacy.IsSecretName(name) || privacy.IsTokenName(name)
}

// shownFile hides a key that was put where the name of its file belongs.
func shownFile(value string) string {
	if strings.Contains(value, "-----BEGIN") {
		return Hidden
	}
	return value
}
