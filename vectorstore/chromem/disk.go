// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spanloom/spanloom/internal/durable"
)

// disk has the operations that change a folder: tests make them fail, and ask
// what a crash after each of them would leave.
type disk interface {
	create(path string) (diskFile, error)
	rename(from, to string) error
	remove(path string) error
	// syncDir makes the names in a folder durable, as fsync does its files.
	syncDir(dir string) error
}

type diskFile interface {
	io.WriteCloser
	Sync() error
}

type osDisk struct{}

func (osDisk) create(path string) (diskFile, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
}

func (osDisk) rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) remove(path string) error { return os.Remove(path) }

func (osDisk) syncDir(dir string) error { return durable.SyncDir(dir) }

// makeDir is os.MkdirAll, but the folders it makes are durable.
func makeDir(d disk, dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(d, parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.syncDir(parent)
}
