// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// openFolders has the backends of this process by folder: what the lock keeps
// other processes from doing, the Stores of one process can do together.
var openFolders = struct {
	mu       sync.Mutex
	backends map[string]*backend
}{backends: map[string]*backend{}}

func acquire(dir string, d disk) (*backend, error) {
	dir, err := makeFolder(dir, d)
	if err != nil {
		return nil, err
	}
	openFolders.mu.Lock()
	defer openFolders.mu.Unlock()
	// A folder that was removed and made again is another one.
	if b := openFolders.backends[dir]; b != nil && b.folder.inPlace() == nil {
		b.stores++
		return b, nil
	}
	f, docs, err := openFolder(dir, d)
	if err != nil {
		return nil, err
	}
	b, err := newFolderBackend(f, docs)
	if err != nil {
		return nil, errors.Join(err, f.lock.Close())
	}
	b.stores = 1
	openFolders.backends[dir] = b
	return b, nil
}

// release gives the folder free with its last Store.
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
	return b.folder.lock.Close()
}

// makeFolder creates the folder if it is missing, and returns the one name under
// which the process knows it.
func makeFolder(dir string, d disk) (string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return "", fmt.Errorf("chromem: WithPersistence: %q is a file: name a folder", dir)
	}
	name, err := filepath.Abs(dir)
	if err == nil {
		err = makeDir(d, name)
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
