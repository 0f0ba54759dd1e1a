// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	chromemgo "github.com/philippgille/chromem-go"
)

// layout is what this package must know of how chromem-go v0.7.0 names its
// files, to keep it from overwriting one with another. The zero layout is that
// of a store in memory. TestLayout fails when chromem-go changes it.
type layout struct {
	dir string
	ext string
}

const (
	extPlain      = ".gob"
	extCompressed = ".gob.gz"
	metadataFile  = "00000000"
)

func newLayout(dir string, compress bool) layout {
	l := layout{dir: filepath.Clean(dir), ext: extPlain}
	if compress {
		l.ext = extCompressed
	}
	return l
}

func (l layout) persistent() bool { return l.dir != "" }

func (l layout) compressed() bool { return l.ext == extCompressed }

func (l layout) collectionDir(collection string) string {
	return filepath.Join(l.dir, hashName(collection))
}

// key tells the documents of a collection apart: by their file, or in memory
// by their id.
func (l layout) key(collection, id string) string {
	if !l.persistent() {
		return id
	}
	return filepath.Join(l.collectionDir(collection), hashName(id)+l.ext)
}

func (l layout) exists(collection, id string) bool {
	_, err := os.Lstat(l.key(collection, id))
	return err == nil
}

func (l layout) dropEmptyCollection(collection string) {
	if !l.persistent() {
		return
	}
	dir := l.collectionDir(collection)
	_ = os.Remove(filepath.Join(dir, metadataFile+l.ext))
	_ = os.Remove(dir)
}

func hashName(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:4])
}

// open loads the folder, and returns the vector lengths of its collections.
func (l layout) open() (*chromemgo.DB, map[string]int, error) {
	if info, err := os.Stat(l.dir); err == nil && !info.IsDir() {
		return nil, nil, fmt.Errorf("chromem: WithPersistence: %q is a file: name a folder", l.dir)
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("chromem: WithPersistence: create the folder %q: %w: "+
			"name one that this process may write to", l.dir, err)
	}
	// chromem-go would only notice with the first document.
	probe, err := os.CreateTemp(l.dir, ".writable-*")
	if err != nil {
		return nil, nil, fmt.Errorf("chromem: WithPersistence: the folder %q cannot be written to: %w: "+
			"change its permissions or name another one", l.dir, err)
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())

	if err := l.checkCompression(); err != nil {
		return nil, nil, err
	}
	db, err := chromemgo.NewPersistentDB(l.dir, l.compressed())
	if err != nil {
		return nil, nil, l.explain(err)
	}
	dims, err := l.dimensions()
	if err != nil {
		return nil, nil, l.explain(err)
	}
	return db, dims, nil
}

// checkCompression refuses a folder written the other way, which chromem-go
// takes for an empty one.
func (l layout) checkCompression() error {
	other, advice := extCompressed, "add WithCompression"
	if l.compressed() {
		other, advice = extPlain, "leave WithCompression away"
	}
	dirs, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("chromem: WithPersistence: read the folder %q: %w", l.dir, err)
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(l.dir, dir.Name(), metadataFile+other)); err == nil {
			return fmt.Errorf("chromem: WithPersistence: the folder %q has *%s files: %s, or name another folder",
				l.dir, other, advice)
		}
	}
	return nil
}

// explain names the damaged files: chromem-go's error does not.
func (l layout) explain(cause error) error {
	var damaged []string
	var reason error
	_ = l.walk(func(path string, isMetadata bool) error {
		var v any = new(chromemgo.Document)
		if isMetadata {
			v = new(collectionMetadata)
		}
		if err := readGob(path, v); err != nil {
			if reason == nil {
				reason = err
			}
			damaged = append(damaged, path)
		}
		return nil
	})
	if len(damaged) == 0 {
		return fmt.Errorf("%w: %q: %w: restore it from a backup, "+
			"or remove the folder of the collection and add its documents again", ErrDamaged, l.dir, cause)
	}
	name := filepath.Base(damaged[0])
	advice := "restore it from a backup, or remove it and add its document again"
	if name == metadataFile+l.ext {
		advice = "restore it from a backup, or remove the folder it is in and add the collection's documents again"
	}
	more := ""
	if len(damaged) > 1 {
		more = fmt.Sprintf(" (and %d more: %s)", len(damaged)-1, strings.Join(damaged[1:min(len(damaged), 6)], ", "))
	}
	return fmt.Errorf("%w: %q cannot be read%s: %w: %s", ErrDamaged, damaged[0], more, reason, advice)
}

type collectionMetadata struct {
	Name     string
	Metadata map[string]string
}

// dimensions reads one document of each collection; the database offers no way
// to look at a document of unknown id.
func (l layout) dimensions() (map[string]int, error) {
	byDir := map[string]int{}
	dims := map[string]int{}
	names := map[string]string{}
	err := l.walk(func(path string, isMetadata bool) error {
		dir := filepath.Dir(path)
		if isMetadata {
			var m collectionMetadata
			err := readGob(path, &m)
			names[dir] = m.Name
			return err
		}
		if _, ok := byDir[dir]; ok {
			return nil
		}
		var doc chromemgo.Document
		err := readGob(path, &doc)
		byDir[dir] = len(doc.Embedding)
		return err
	})
	for dir, dim := range byDir {
		if dim == 0 {
			continue
		}
		dims[names[dir]] = dim
	}
	return dims, err
}

func (l layout) walk(visit func(path string, isMetadata bool) error) error {
	dirs, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(l.dir, dir.Name()))
		if err != nil {
			return err
		}
		for _, file := range files {
			if file.IsDir() || !strings.HasSuffix(file.Name(), l.ext) {
				continue
			}
			err := visit(filepath.Join(l.dir, dir.Name(), file.Name()), file.Name() == metadataFile+l.ext)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func readGob(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var r io.Reader = f
	if strings.HasSuffix(path, extCompressed) {
		if r, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	return gob.NewDecoder(r).Decode(v)
}
