// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/common.js
	commonJS string
	//go:embed page/page.js
	pageJS string

	page = template.Must(template.New("page").Parse(pageHTML))
)

// pageParts are what the template puts together.
type pageParts struct {
	Title string
	// Policy forbids the browser all scripts and styles but the page's own, by
	// their hashes, and all requests.
	Policy string
	CSS    template.CSS
	JS     template.JS
	Data   template.JS
}

// WriteHTML writes a page that shows the traces in a browser: a waterfall, and for
// each span its chat, documents, errors, retries and attributes. The page is one
// file, loads nothing, and needs no network.
//
// What spans hold is text on the page, whatever is in it: a content security
// policy keeps the browser from running any script but the page's own.
func WriteHTML(w io.Writer, spans []sdktrace.ReadOnlySpan) error {
	return writePage(w, viewsOf(spans))
}

func writePage(w io.Writer, views []traceView) error {
	// Marshal escapes <, > and &, so that no text ends the script element.
	data, err := json.Marshal(views)
	if err != nil {
		return fmt.Errorf("traceview: %w", err)
	}
	title := "Traces"
	if len(views) == 1 {
		title = views[0].Name
	}
	return page.Execute(w, pageParts{
		Title:  title,
		Policy: policyOf(commonJS + pageJS),
		CSS:    template.CSS(pageCSS),          //nolint:gosec // the package's own file
		JS:     template.JS(commonJS + pageJS), //nolint:gosec // the package's own file
		Data:   template.JS(data),              //nolint:gosec // JSON with <, > and & escaped, in an element that is not run
	})
}

// policyOf allows the script and the page's styles, and nothing else.
func policyOf(script string) string {
	return fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'", hashOf(script), hashOf(pageCSS))
}

func hashOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
