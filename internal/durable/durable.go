// SPDX-License-Identifier: Apache-2.0

// Package durable makes changes of a folder survive the end of the machine.
package durable

import (
	"errors"
	"os"
	"runtime"
)

// SyncDir makes the names in a folder durable, as fsync does a file's content: a
// rename alone may be undone by a crash.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // It cannot sync a folder; NTFS has a journal for names.
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
