// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxPriceFile, in bytes, is far more than a list of all models needs.
const maxPriceFile = 1 << 20

// LoadPrices reads a price list in YAML or JSON, of at most 1 MiB:
//
//	prices:
//	  - provider: openai          # left out: every provider
//	    model: gpt-4o-mini*       # a name or a pattern, see Price
//	    input: 0.15               # US dollars per million tokens
//	    output: 0.60
//	    cache_read: 0.075         # left out: as input
//	    cache_creation: 0.15      # left out: as input
//	    reasoning: 0.60           # left out: as output
//	    max_input: 128000         # left out: calls of any length
//
// Model, input and output are required; 0 means that a part is free. Prices are
// plain decimal numbers, bare or quoted, and are read exactly.
//
// The error joins one error per mistake, with line, provider, model and field. These
// are unknown, missing and repeated fields, numbers that are negative, not decimal,
// above 1e9 or of more than six decimals, and prices listed twice. The list then has
// the valid entries.
func LoadPrices(r io.Reader) (*Prices, error) {
	p := newPrices()
	root, err := parsePrices(r)
	if err != nil {
		return p, fmt.Errorf("metrics: prices: %w", err)
	}
	f := priceFile{prices: p}
	f.read(root)
	p.sort()
	return p, errors.Join(f.errs...)
}

func parsePrices(r io.Reader) (*yaml.Node, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPriceFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxPriceFile {
		return nil, fmt.Errorf("the file is larger than %d bytes", maxPriceFile)
	}
	if json.Valid(text) {
		// Unlike YAML, JSON allows tabs, and only between its tokens.
		text = bytes.ReplaceAll(text, []byte("\t"), []byte(" "))
	}
	// Nodes keep the text of numbers; decoding into a struct would make floats.
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New(`the file is empty: it needs a list "prices"`)
	} else if err != nil {
		return nil, err
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file has more than one document")
	}
	return doc.Content[0], nil
}

// priceFile collects all errors, so that a user can correct the file at once.
type priceFile struct {
	prices *Prices
	errs   []error
}

func (f *priceFile) fail(n *yaml.Node, format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("metrics: prices: line %d: %s", n.Line, fmt.Sprintf(format, args...)))
}

func (f *priceFile) read(root *yaml.Node) {
	if root.Kind != yaml.MappingNode {
		f.fail(root, `the file must be an object with a list "prices"`)
		return
	}
	seen := false
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, list := root.Content[i], root.Content[i+1]
		switch {
		case key.Value != "prices":
			f.fail(key, `unknown field %q: there is "prices" only`, key.Value)
		case seen:
			f.fail(key, `"prices" stands twice`)
		case list.Kind != yaml.SequenceNode:
			f.fail(list, `"prices" is not a list`)
		default:
			for _, n := range list.Content {
				f.entry(n)
			}
		}
		seen = seen || key.Value == "prices"
	}
	if !seen {
		f.fail(root, `there is no list "prices"`)
	}
}

func (f *priceFile) entry(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		f.fail(n, "a price must be an object with model, input and output")
		return
	}
	fields := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		fields[n.Content[i].Value] = n.Content[i+1]
	}
	before := len(f.errs)
	e := fileEntry{f, n, fields, ""}
	provider, model := e.text("provider"), e.text("model")
	e.name = strings.TrimSpace(provider + " " + cmp.Or(model, "(no model)"))
	e.checkFields()
	if model == "" {
		e.fail(n, "has no model")
	}
	r := rate{input: e.price("input", nil), output: e.price("output", nil)}
	r.cacheRead, r.cacheCreation = e.price("cache_read", &r.input), e.price("cache_creation", &r.input)
	r.reasoning = e.price("reasoning", &r.output)
	r.maxInput = e.tokens("max_input")
	if len(f.errs) == before && !f.prices.add(provider, model, r) {
		e.fail(n, "is listed twice")
	}
}

// fileEntry is one price of the file. Errors mention its name.
type fileEntry struct {
	*priceFile
	node   *yaml.Node
	fields map[string]*yaml.Node
	name   string
}

func (e *fileEntry) fail(n *yaml.Node, format string, args ...any) {
	e.priceFile.fail(n, "%s: %s", e.name, fmt.Sprintf(format, args...))
}

func (e *fileEntry) checkFields() {
	seen := map[string]bool{}
	for i := 0; i+1 < len(e.node.Content); i += 2 {
		key := e.node.Content[i]
		switch key.Value {
		case "provider", "model", "input", "output", "cache_read", "cache_creation", "reasoning", "max_input":
			if seen[key.Value] {
				e.fail(key, "%s stands twice", key.Value)
			}
			seen[key.Value] = true
			if v := e.node.Content[i+1]; v.Kind != yaml.ScalarNode {
				e.fail(v, "%s is not a single value", key.Value)
			} else if isNull(v) {
				e.fail(v, "%s has no value", key.Value)
			}
		default:
			e.fail(key, "unknown field %q", key.Value)
		}
	}
}

// isNull reports whether a value is missing. A forgotten provider must not match
// every provider.
func isNull(n *yaml.Node) bool { return n.ShortTag() == "!!null" }

// text returns the field's text, "" if there is none. Names need no quotes.
func (e *fileEntry) text(field string) string {
	if n := e.fields[field]; n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// price returns the field as a rate, or the fallback if the field is missing. A field
// without a fallback is required.
func (e *fileEntry) price(field string, fallback *int64) int64 {
	n := e.fields[field]
	switch {
	case n == nil && fallback != nil:
		return *fallback
	case n == nil:
		e.fail(e.node, "has no %s: write 0 for what is free", field)
		return 0
	case n.Kind != yaml.ScalarNode || isNull(n):
		return 0 // checkFields has reported it
	}
	v, ok := decimal(n.Value, rateDigits)
	switch {
	case strings.HasPrefix(n.Value, "-"):
		e.fail(n, "%s is negative: %s", field, n.Value)
	case !ok:
		e.fail(n, "%s is not a decimal number of up to six decimals such as 2.50: %q", field, n.Value)
	case v > maxPrice*1e6:
		e.fail(n, "%s is more than a billion dollars per million tokens: %s", field, n.Value)
	}
	return v
}

func (e *fileEntry) tokens(field string) int {
	n := e.fields[field]
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) {
		return 0
	}
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || v <= 0 || v > math.MaxInt {
		e.fail(n, "%s is not a number of tokens above 0: %q", field, n.Value)
	}
	return int(v)
}
