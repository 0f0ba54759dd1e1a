// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// folder is the history of a backend on disk: one segment for each call that
// changed something, numbered without gaps, written once and never changed.
//
//	lock                     held by the process that uses the folder
//	segment.tmp              one that is being written, or was when a process ended
//	00000001-00000016.seg    the changes 1 to 16, merged
//	00000017-00000017.seg    the change 17
//	00000018-00000018.lost   a damaged one, given up by the user
//
// A segment comes into being by a rename, so it is whole or damaged, never half
// written. Its call is confirmed when the rename is durable. A merged segment
// takes the place of the ones it is made of: from its rename on, they do not
// count, whether or not they could be removed.
//
// All methods need backend.writing, or that nobody knows the folder yet.
type folder struct {
	dir  string
	disk disk
	lock *os.File

	segments []segment
	next     int   // The number of the next change.
	tidyAt   int   // How many segments to wait for after tidying has failed.
	broken   error // Why disk and memory may differ.
}

type segment struct {
	first, last int
	size        int64
	records     int
}

const (
	lockName  = "lock"
	tmpName   = "segment.tmp"
	extension = ".seg"
	extLost   = ".lost"
)

var errLocked = errors.New("the lock is taken")

func segmentName(first, last int, ext string) string {
	return fmt.Sprintf("%08d-%08d%s", first, last, ext)
}

func (f *folder) path(s segment) string {
	return filepath.Join(f.dir, segmentName(s.first, s.last, extension))
}

// openFolder locks the folder and reads it. On an error its files are as they
// were.
func openFolder(dir string, d disk) (_ *folder, _ documents, err error) {
	f := &folder{dir: dir, disk: d, next: 1}
	if f.lock, err = lockFile(filepath.Join(dir, lockName)); errors.Is(err, errLocked) {
		return nil, nil, fmt.Errorf("%w: %q: end that process, or name another folder", ErrInUse, dir)
	} else if err != nil {
		return nil, nil, f.unwritable(err)
	}
	defer func() {
		if err != nil {
			_ = f.lock.Close()
		}
	}()
	if err := f.probe(); err != nil {
		return nil, nil, f.unwritable(err)
	}
	docs, err := f.load()
	if err != nil {
		return nil, nil, err
	}
	if len(f.segments) > 0 {
		return f, docs, nil
	}
	if docs, err = readLegacy(dir); err != nil || docs.len() == 0 {
		return f, docs, err
	}
	return f, docs, f.append(docs.records(), false)
}

func (f *folder) unwritable(err error) error {
	return fmt.Errorf("chromem: WithPersistence: the folder %q cannot be written to: %w: "+
		"change its permissions or name another one", f.dir, err)
}

// probe finds out now, not with the first document, whether files can be made.
func (f *folder) probe() error {
	path := filepath.Join(f.dir, tmpName)
	file, err := f.disk.create(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), f.disk.remove(path))
}

// load reads all segments, and then removes those that a merge has left over.
func (f *folder) load() (documents, error) {
	names, err := f.list()
	if err != nil {
		return nil, err
	}
	live, stale, err := f.arrange(names)
	if err != nil {
		return nil, err
	}
	docs := documents{}
	for _, s := range live {
		if err := f.read(&s, docs.replay); err != nil {
			return nil, err
		}
		f.segments = append(f.segments, s)
		f.next = s.last + 1
	}
	if err := docs.checkDimensions(); err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrDamaged, f.dir, err)
	}
	if len(stale) > 0 {
		// The merge may have been seen by nobody but the page cache.
		if err := f.disk.syncDir(f.dir); err != nil {
			return nil, f.unwritable(err)
		}
		f.removeAll(stale)
	}
	return docs, nil
}

// list returns what the names of the files say; other files are the user's.
func (f *folder) list() (map[string][]segment, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("chromem: WithPersistence: read the folder %q: %w", f.dir, err)
	}
	found := map[string][]segment{}
	for _, entry := range entries {
		var s segment
		ext := filepath.Ext(entry.Name())
		if _, err := fmt.Sscanf(entry.Name(), "%d-%d", &s.first, &s.last); err == nil &&
			entry.Name() == segmentName(s.first, s.last, ext) {
			found[ext] = append(found[ext], s)
		}
	}
	return found, nil
}

// arrange puts the segments in order, and tells them from those that a merged
// one contains.
func (f *folder) arrange(found map[string][]segment) (live, stale []segment, err error) {
	all := found[extension]
	slices.SortFunc(all, func(a, b segment) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.last, a.last))
	})
	next := 1
	for _, s := range all {
		for s.first > next {
			lost := slices.IndexFunc(found[extLost], func(l segment) bool { return l.first == next && l.last < s.first })
			if lost < 0 {
				return nil, nil, fmt.Errorf("%w: the folder %q has no file for the changes %d to %d: "+
					"restore it from a backup, or give these changes up by creating an empty file %q in it",
					ErrDamaged, f.dir, next, s.first-1, segmentName(next, s.first-1, extLost))
			}
			next = found[extLost][lost].last + 1
		}
		switch {
		case s.last < next:
			stale = append(stale, s)
		case s.first < next:
			return nil, nil, fmt.Errorf("%w: in the folder %q the file %q has changes in common with the one before it: "+
				"restore the folder from a backup", ErrDamaged, f.dir, filepath.Base(f.path(s)))
		default:
			live = append(live, s)
			next = s.last + 1
		}
	}
	return live, stale, nil
}

// read visits the records of a segment and notes its size.
func (f *folder) read(s *segment, visit func(record) error) error {
	path := f.path(*s)
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("chromem: read the folder %q: %w", f.dir, err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("chromem: read the folder %q: %w", f.dir, err)
	}
	s.size, s.records = info.Size(), 0
	err = decodeSegment(bufio.NewReaderSize(file, bufferSize), func(r record) error {
		s.records++
		return visit(r)
	})
	if err == nil {
		return nil
	}
	if errors.Is(err, errNewer) {
		return fmt.Errorf("chromem: the file %q: %w", path, err)
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("chromem: read the folder %q: %w", f.dir, err)
	}
	return fmt.Errorf("%w: the file %q: %w: restore it from a backup, "+
		"or give the documents in it up by renaming it to %q; the other files are unharmed",
		ErrDamaged, path, err, segmentName(s.first, s.last, extLost))
}

// append makes the next change durable. After an error it is not there.
func (f *folder) append(records iter.Seq[record], compress bool) error {
	if f.broken != nil {
		return fmt.Errorf("chromem: the folder %q takes no more changes: "+
			"close the store and open it again to see what it has, after this error: %w", f.dir, f.broken)
	}
	if err := f.inPlace(); err != nil {
		return err
	}
	s, err := f.write(f.next, f.next, records, compress)
	if err != nil {
		return fmt.Errorf("chromem: write to the folder %q: %w", f.dir, err)
	}
	f.segments = append(f.segments, s)
	f.next++
	return nil
}

// inPlace says whether the folder is still the one that is locked.
func (f *folder) inPlace() error {
	path := filepath.Join(f.dir, lockName)
	held, err := f.lock.Stat()
	if err != nil {
		return fmt.Errorf("chromem: the folder %q: %w", f.dir, err)
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(held, there) {
		return errors.Join(fmt.Errorf("chromem: the folder %q was removed or replaced while in use: "+
			"close the store and open it again", f.dir), err)
	}
	return nil
}

func (f *folder) write(first, last int, records iter.Seq[record], compress bool) (segment, error) {
	s := segment{first: first, last: last}
	tmp, path := filepath.Join(f.dir, tmpName), f.path(s)
	err := f.writeTo(tmp, &s, records, compress)
	if err == nil {
		err = f.disk.rename(tmp, path)
	}
	if err != nil {
		_ = f.disk.remove(tmp) // Otherwise it is overwritten by the next one.
		return s, err
	}
	if err := f.disk.syncDir(f.dir); err != nil {
		// It is there, but may not be tomorrow.
		if undo := f.disk.remove(path); undo != nil {
			err = fmt.Errorf("%w; undoing it: %w", err, undo)
			f.broken = err
		}
		return s, err
	}
	return s, nil
}

func (f *folder) writeTo(path string, s *segment, records iter.Seq[record], compress bool) error {
	file, err := f.disk.create(path)
	if err != nil {
		return err
	}
	counted := &countingWriter{w: file}
	buffered := bufio.NewWriterSize(counted, bufferSize)
	s.records, err = encodeSegment(buffered, records, compress)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	s.size = counted.n
	return errors.Join(err, file.Close())
}

type countingWriter struct {
	w diskFile
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (f *folder) removeAll(segments []segment) {
	for _, s := range segments {
		_ = f.disk.remove(f.path(s)) // It does not count, and is tried again when the folder is opened.
	}
}
