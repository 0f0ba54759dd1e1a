// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

//go:embed page
var files embed.FS

func file(name string) string {
	b, _ := files.ReadFile("page/" + name) // the name is one of the package's own
	return string(b)
}

// page is an HTML template with its style and its script.
type page struct {
	*template.Template
	// Policy forbids the browser all scripts and styles but the page's own, by their
	// hashes, and all requests but those named.
	Policy string
	CSS    template.CSS
	JS     template.JS
}

var (
	tracePage = pageOf("page", "")
	listPage  = pageOf("list", "; connect-src 'self'")
)

func pageOf(name, requests string) page {
	css, js := file("page.css"), file("common.js")+file(name+".js")
	return page{
		template.Must(template.New(name).Parse(file(name + ".html"))),
		fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'%s", hashOf(js), hashOf(css), requests),
		template.CSS(css), template.JS(js), //nolint:gosec // the package's own files
	}
}

func hashOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// write fills the template. Data is JSON with <, > and & escaped, in an element that the
// browser does not run.
func (p page) write(w io.Writer, title string, data []byte) error {
	return p.Execute(w, map[string]any{"Title": title, "Policy": p.Policy, "CSS": p.CSS, "JS": p.JS, "Data": template.JS(data)}) //nolint:gosec // see above
}

// WriteHTML writes a page that shows the traces in a browser: a waterfall, and for
// each span its chat, documents, errors, retries and attributes. The page is one
// file, loads nothing, and needs no network.
//
// What spans hold is text on the page, whatever is in it: a content security
// policy keeps the browser from running any script but the page's own.
func WriteHTML(w io.Writer, spans []sdktrace.ReadOnlySpan) error {
	views := viewsOf(spans)
	data, err := json.Marshal(views)
	if err != nil {
		return fmt.Errorf("traceview: %w", err)
	}
	title := "Traces"
	if len(views) == 1 {
		title = views[0].Name
	}
	return tracePage.write(w, title, data)
}
