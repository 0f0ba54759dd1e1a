// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// arguments keeps JSON as JSON, so that a viewer can fold it, and anything else
// as a string.
func arguments(s string, g *Gate) any {
	if t := strings.TrimLeft(s, " \t\r\n"); strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[") {
		if tree, ok := decode(t, g.left); ok {
			return value(tree, g)
		}
	}
	return g.text("", s)
}

// decode reads JSON. Of a text longer than limit it reads that much, and what is
// open there is closed: the containers around get a mark. ok is false for what is
// not one JSON value.
func decode(s string, limit int) (tree any, ok bool) {
	cut := len(s) > limit
	if cut {
		// Half a number would pass for a whole one.
		s = strings.TrimRight(s[:max(limit, 0)], "0123456789+-.eE")
	}
	r := reader{json.NewDecoder(strings.NewReader(s))}
	r.UseNumber()
	tree, err := r.value(0)
	switch {
	case errors.Is(err, errCut):
		return tree, cut
	case err != nil:
		return nil, false
	}
	if cut {
		return nil, false // the value ended, and more of something follows
	}
	_, err = r.Token()
	return tree, errors.Is(err, io.EOF)
}

// mark is a word of ours among the values: no policy decides about it.
type mark string

// errCut says that the text ended inside of a value.
var errCut = errors.New("cut")

type reader struct{ *json.Decoder }

// value reads one value. With errCut it returns what there is of it.
func (r reader) value(depth int) (any, error) {
	t, err := r.Token()
	if err != nil {
		return nil, cutOr(err)
	}
	d, ok := t.(json.Delim)
	switch {
	case !ok:
		return t, nil
	case depth == 10*maxDepth:
		return nil, errors.New("nested too deep")
	case d == '{':
		return r.object(depth)
	}
	return r.array(depth)
}

func (r reader) array(depth int) (any, error) {
	list := []any{}
	for r.More() {
		v, err := r.value(depth + 1)
		if errors.Is(err, errCut) && v != nil {
			list = append(list, v)
		}
		if err != nil {
			return append(list, mark(ellipsis)), err
		}
		list = append(list, v)
	}
	_, err := r.Token()
	return list, cutOr(err)
}

func (r reader) object(depth int) (any, error) {
	m := map[string]any{}
	for r.More() {
		key, err := r.Token()
		if err != nil {
			m[ellipsis] = mark(ellipsis)
			return m, cutOr(err)
		}
		k, _ := key.(string)
		v, err := r.value(depth + 1)
		if errors.Is(err, errCut) && v != nil {
			m[k] = v
		}
		if err != nil {
			m[ellipsis] = mark(ellipsis)
			return m, err
		}
		m[k] = v
	}
	_, err := r.Token()
	return m, cutOr(err)
}

func cutOr(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return err
}

// marshal writes JSON with letters as they are: an Arabic prompt reads as
// Arabic, and "<" as "<".
func marshal(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return typeMark(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
