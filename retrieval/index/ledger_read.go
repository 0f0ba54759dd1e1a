// SPDX-License-Identifier: Apache-2.0

package index

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ledgerReader reads a ledger into an inventory.
type ledgerReader struct {
	own       ledgerHead
	inventory *inventory
	// end is where the last whole line ends. What follows it was being written
	// when the program or the machine ended.
	end   int64
	lines int
}

func (r *ledgerReader) read(from io.Reader) error {
	in := bufio.NewReader(from)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		whole := err == nil
		switch {
		case len(line) == 0, !whole && n > 1:
			return nil
		case n == 1:
			if err := r.head(line); err != nil || !whole {
				return err
			}
		default:
			if bad := r.line(line); bad != nil {
				rest, err := io.ReadAll(in)
				if err != nil || len(bytes.Trim(rest, "\x00")) == 0 {
					return err
				}
				return fmt.Errorf("line %d is damaged (%w): remove the line, whose chunk is then stored again", n, bad)
			}
		}
		r.end += int64(len(line))
	}
}

// head keeps a file of somebody else's from being cut and written to.
func (r *ledgerReader) head(line []byte) error {
	own, err := appendLine(nil, r.own)
	if err != nil {
		return err
	}
	var h ledgerHead
	if err := json.Unmarshal(line, &h); err != nil || h.Version == 0 {
		if bytes.HasPrefix(own, line) {
			return nil // The very first write was cut off.
		}
		return errors.New("this is not a ledger: choose another path")
	}
	switch {
	case h.Version != r.own.Version:
		return fmt.Errorf("its version %d is not known: use the version of Spanloom that wrote it", h.Version)
	case h.Collection != r.own.Collection && h.Collection != "" && r.own.Collection != "":
		return fmt.Errorf("it is that of the collection %q, not of %q: use one for each", h.Collection, r.own.Collection)
	case h.NameSpace != r.own.NameSpace: // None is one: unlike a collection, it is never unknown.
		return fmt.Errorf("it is that of the name space %q, not of %q: use one for each", h.NameSpace, r.own.NameSpace)
	}
	return nil
}

func (r *ledgerReader) line(line []byte) error {
	var e ledgerLine
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	id, ok := parseChunkID(e.Chunk)
	if !ok {
		return errors.New("no id of a chunk")
	}
	r.lines++
	if e.Gone {
		r.inventory.forget(id, e.ID)
	} else {
		r.inventory.put(id, e.ID, e.Source)
	}
	return nil
}
