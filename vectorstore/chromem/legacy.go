// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"compress/gzip"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	chromemgo "github.com/philippgille/chromem-go"
)

// readLegacy reads a folder as chromem-go v0.7.0 writes it: a folder for each
// collection with a file for each document and one for the name, all named by
// 32 bits of a hash. NewPersistentDB would not say which file is damaged, and
// takes compressed files for none.
func readLegacy(dir string) (documents, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("chromem: WithPersistence: read the folder %q: %w", dir, err)
	}
	docs := documents{}
	for _, entry := range entries {
		if entry.IsDir() && isHash(entry.Name()) {
			if err := readLegacyCollection(filepath.Join(dir, entry.Name()), docs); err != nil {
				return nil, err
			}
		}
	}
	if err := docs.checkDimensions(); err != nil {
		return nil, fmt.Errorf("chromem: WithPersistence: the folder %q: %w: chromem-go cannot search such a collection", dir, err)
	}
	return docs, nil
}

func readLegacyCollection(dir string, docs documents) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("chromem: WithPersistence: read the folder %q: %w", dir, err)
	}
	var name string
	var found []chromemgo.Document
	for _, file := range files {
		path := filepath.Join(dir, file.Name())
		base, ok := strings.CutSuffix(strings.TrimSuffix(file.Name(), ".gz"), ".gob")
		if !ok || !isHash(base) || file.IsDir() {
			continue
		}
		advice := "remove it and add its document again"
		if base == "00000000" {
			var collection struct{ Name string }
			err = readGob(path, &collection)
			name = collection.Name
			advice = "remove the folder it is in and add the collection's documents again"
		} else {
			var doc chromemgo.Document
			err = readGob(path, &doc)
			found = append(found, doc)
		}
		if err != nil {
			return fmt.Errorf("%w: the file %q, which chromem-go has written: %w: restore it from a backup, or %s",
				ErrDamaged, path, err, advice)
		}
	}
	if name == "" && len(found) > 0 {
		return fmt.Errorf("%w: the folder %q, which chromem-go has written, has no file 00000000 with the collection's name: "+
			"restore it from a backup, or remove the folder", ErrDamaged, dir)
	}
	for _, doc := range found {
		if err := putRecord(name, doc).check(); err != nil {
			return fmt.Errorf("%w: the folder %q, which chromem-go has written: %w", ErrDamaged, dir, err)
		}
		docs.put(name, doc)
	}
	return nil
}

func isHash(name string) bool {
	return len(name) == 8 && strings.Trim(name, "0123456789abcdef") == ""
}

func readGob(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	return gob.NewDecoder(r).Decode(v)
}
