// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"context"
	"html"
	"regexp"
	"strings"

	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/schema"
)

var (
	reUnseen = regexp.MustCompile(`(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<template\b.*?</template\s*>`)
	reBlock  = regexp.MustCompile(`(?i)</(?:p|div|ul|ol|h[1-6]|table|section|article|header|footer|blockquote|pre)\s*>`)
	reLine   = regexp.MustCompile(`(?i)</(?:li|tr|dt|dd)\s*>|<br\b[^>]*>`)
	reItem   = regexp.MustCompile(`(?i)<li\b[^>]*>`)
	reCell   = regexp.MustCompile(`(?i)</t[dh]\s*>`)
	reGap    = regexp.MustCompile(`[ \t]*\n(?:[ \t]*\n)+`)
)

// loadHTML works around three traits of the loader: it reads scripts and styles
// as text, it glues blocks together without a space, and it sanitises the text
// once more as if it were HTML, so that "&lt;T&gt;" would vanish and "&" come
// out as "&amp;". Escaping "&" beforehand and unescaping afterwards makes that
// second pass harmless.
func loadHTML(ctx context.Context, data []byte) ([]schema.Document, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	s := strings.ReplaceAll(string(data), "\r\n", "\n")
	s = reUnseen.ReplaceAllString(s, "")
	s = reBlock.ReplaceAllString(s, "$0\n\n")
	s = reLine.ReplaceAllString(s, "$0\n")
	s = reItem.ReplaceAllString(s, "$0- ")
	s = reCell.ReplaceAllString(s, "$0 ")
	s = strings.ReplaceAll(s, "&", "&amp;")
	docs, err := guard(ctx, fileLimit, func() ([]schema.Document, error) {
		return documentloaders.NewHTML(strings.NewReader(s)).Load(ctx)
	})
	if err != nil {
		return nil, &Error{"is not HTML that can be read (" + err.Error() + ")", "repair it or save it as text", err}
	}
	for i, d := range docs {
		docs[i].PageContent = strings.TrimSpace(reGap.ReplaceAllString(html.UnescapeString(d.PageContent), "\n\n"))
	}
	return docs, nil
}
