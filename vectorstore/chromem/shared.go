// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
)

// openFolders has the backends of this process by folder. The Stores of one
// process can do together what the lock keeps other processes from doing.
var openFolders = struct {
	mu       sync.Mutex
	backends map[string]*backend
}{backends: map[string]*backend{}}

func acquire(dir string) (*backend, error) {
	dir, err := makeFolder(dir)
	if err != nil {
		return nil, err
	}
	openFolders.mu.Lock()
	defer openFolders.mu.Unlock()
	// A folder that was removed and made again is another one.
	if b := openFolders.backends[dir]; b != nil && b.file.inPlace() == nil {
		b.stores++
		return b, nil
	}
	b := newBackend()
	if b.file, err = openStoreFile(dir, b.load); err != nil {
		return nil, err
	}
	b.stores = 1
	openFolders.backends[dir] = b
	return b, nil
}

// load adds a document of the file.
func (b *backend) load(collection string, doc chromemgo.Document) error {
	if col, dim := b.filled(collection); col != nil && dim != len(doc.Embedding) {
		return fmt.Errorf("%w: %w: document %q of collection %q has a vector of %d, and others of %d",
			ErrDamaged, ErrDimension, doc.ID, collection, len(doc.Embedding), dim)
	}
	if err := b.add(collection, doc); err != nil {
		return fmt.Errorf("chromem: load document %q of collection %q: %w", doc.ID, collection, err)
	}
	return nil
}

// release closes the file with the last Store.
func (b *backend) release() error {
	openFolders.mu.Lock()
	defer openFolders.mu.Unlock()
	b.stores--
	if b.stores > 0 {
		return nil
	}
	for key, open := range openFolders.backends {
		if open == b {
			delete(openFolders.backends, key)
		}
	}
	return b.file.db.Close()
}

// makeFolder creates the folder if it is missing, and returns the one name under
// which the process knows it.
func makeFolder(dir string) (string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return "", fmt.Errorf("chromem: WithPersistence: %q is a file: name a folder", dir)
	}
	name, err := filepath.Abs(dir)
	if err == nil {
		err = makeDir(name)
	}
	if err == nil {
		name, err = filepath.EvalSymlinks(name)
	}
	if err != nil {
		return "", fmt.Errorf("chromem: WithPersistence: create the folder %q: %w: "+
			"name one that this process may write to", dir, err)
	}
	return name, nil
}

// makeDir is os.MkdirAll, but the folders it makes are durable.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

// syncFolder makes the names in a folder durable, as fsync does a file's content.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // It cannot sync a folder; NTFS has a journal for names.
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
