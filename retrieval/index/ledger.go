// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spanloom/spanloom/internal/durable"
)

// ledger is the file of [WithLedger]: a line of JSON that says what it is, and
// one for each chunk stored or deleted. Lines are only ever appended, so that a
// crash can hurt none but the last.
type ledger struct {
	path string
	head ledgerHead
	file *os.File
	size int64 // of what is known to be whole
}

// ledgerHead says what a ledger is of.
type ledgerHead struct {
	Version    int    `json:"spanloom_ledger"`
	Collection string `json:"collection,omitempty"`
	NameSpace  string `json:"name_space,omitempty"`
}

func newLedgerHead(collection, nameSpace string) ledgerHead {
	return ledgerHead{Version: 1, Collection: collection, NameSpace: nameSpace}
}

type ledgerLine struct {
	Chunk string `json:"chunk"`
	// ID is the store's, empty if the store does not tell.
	ID     string `json:"id,omitempty"`
	Source string `json:"source,omitempty"`
	Gone   bool   `json:"gone,omitempty"`
}

// openLedger reads the file into v, and opens it for appending.
func openLedger(path string, head ledgerHead, v *inventory) (*ledger, error) {
	l := &ledger{path: path, head: head}
	if err := l.open(v); err != nil {
		_ = l.close()
		return nil, l.wrap(err)
	}
	return l, nil
}

func (l *ledger) open(v *inventory) (err error) {
	if l.file, err = os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if info, err := l.file.Stat(); err != nil || !info.Mode().IsRegular() {
		return cmp.Or(err, errors.New("this is not a regular file: choose another path")) // A device may never end.
	}
	r := ledgerReader{own: l.head, inventory: v}
	if err := r.read(l.file); err != nil {
		return err
	}
	if r.end == 0 || r.lines > 2*len(v.chunks)+1000 {
		return l.rewrite(v)
	}
	l.size = r.end
	return l.file.Truncate(r.end)
}

// rewrite puts the file anew, without what no longer counts.
func (l *ledger) rewrite(v *inventory) error {
	text, err := appendLine(nil, l.head)
	if err != nil {
		return err
	}
	entries := v.twice
	for id, p := range v.chunks {
		entries = append(entries, stale{id, p})
	}
	for _, e := range entries {
		if text, err = appendLine(text, ledgerLine{Chunk: e.chunk.String(), ID: e.id, Source: v.sources[e.source].name}); err != nil {
			return err
		}
	}
	// Closed before it is replaced, as Windows wants it.
	if err := l.close(); err != nil {
		return err
	}
	if err := replaceFile(l.path, text); err != nil {
		return err
	}
	l.size = int64(len(text))
	l.file, err = os.OpenFile(l.path, os.O_RDWR, 0o600)
	return err
}

func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

// add notes what the store has confirmed. Stores may return fewer ids than
// chunks, or none: then nothing tells which is whose.
func (l *ledger) add(batch []chunk, ids []string) error {
	lines := make([]ledgerLine, len(batch))
	for i, c := range batch {
		lines[i] = ledgerLine{Chunk: c.id.String(), Source: c.source}
		if len(ids) == len(batch) {
			lines[i].ID = ids[i]
		}
	}
	return l.append(lines)
}

func (l *ledger) remove(gone []stale) error {
	lines := make([]ledgerLine, len(gone))
	for i, s := range gone {
		lines[i] = ledgerLine{Chunk: s.chunk.String(), ID: s.id, Gone: true}
	}
	return l.append(lines)
}

func (l *ledger) append(lines []ledgerLine) (err error) {
	var text []byte
	for _, line := range lines {
		if text, err = appendLine(text, line); err != nil {
			return l.wrap(err)
		}
	}
	if _, err = l.file.WriteAt(text, l.size); err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		// Half a line must not be followed by others.
		_ = l.file.Truncate(l.size)
		return l.wrap(err)
	}
	l.size += int64(len(text))
	return nil
}

func (l *ledger) close() error {
	if l == nil || l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}

func (l *ledger) wrap(err error) error { return fmt.Errorf("ledger %s: %w", l.path, err) }

func appendLine(text []byte, v any) ([]byte, error) {
	line, err := json.Marshal(v)
	return append(append(text, line...), '\n'), err
}
