// SPDX-License-Identifier: Apache-2.0

package callbacks

import "strings"

// trimURLs replaces what stands behind the host of every URL in an error's text:
// net/http quotes the whole URL of a failed request, and paths and queries hold
// tenants, searches and keys. Scheme and host stay: they tell whom to call.
func trimURLs(msg string, replace func(string) string) string {
	const mark = "://"
	w := rewriter{text: msg}
	for from := 0; ; {
		at := strings.Index(msg[from:], mark)
		if at < 0 {
			return w.String()
		}
		host := from + at + len(mark)
		path := span(msg, host, inAuthority)
		end := span(msg, path, inURL)
		// What ends a sentence is not the URL's.
		end = path + len(strings.TrimRight(msg[path:end], ".,;:!)}"))
		if rest := msg[path:end]; rest != "" && rest != "/" {
			w.replace(path, end, "/"+replace(strings.TrimPrefix(rest, "/")))
		}
		from = end
	}
}

func inURL(c byte) bool { return strings.IndexByte(" \t\r\n\"'`<>\\", c) < 0 }

func inAuthority(c byte) bool { return inURL(c) && strings.IndexByte("/?#", c) < 0 }
