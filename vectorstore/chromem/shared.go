// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"

	"github.com/spanloom/spanloom/internal/durable"
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
	b := newBackend(chromemgo.NewDB(), noEmbedder)
	if b.file, err = openStoreFile(dir, b.load); err != nil {
		return nil, err
	}
	b.stores = 1
	openFolders.backends[dir] = b
	return b, nil
}

// load adds a document of the file.
func (b *backend) load(collection string, doc chromemgo.Document) error {
	col := b.get(collection)
	if col == nil {
		var err error
		if col, err = b.db.CreateCollection(collection, nil, b.embed); err != nil {
			return fmt.Errorf("chromem: load collection %q: %w", collection, err)
		}
		b.dims[collection] = len(doc.Embedding)
	}
	if dim := b.dims[collection]; dim != len(doc.Embedding) {
		return fmt.Errorf("%w: %w: document %q of collection %q has a vector of %d, and others of %d",
			ErrDamaged, ErrDimension, doc.ID, collection, len(doc.Embedding), dim)
	}
	if err := col.AddDocument(context.Background(), doc); err != nil {
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
	return durable.SyncDir(parent)
}
