// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
)

// inflater decodes a compressed body as it passes. The standard library's
// decoders pull and the body is pushed, so a decoder has a goroutine. It takes
// turns with the caller of write: exactly one of them runs, the other waits.
//
// iter.Pull does the same, but the runtime ends the process when another
// goroutine with other thread locks resumes it. A body may be read on one
// goroutine and closed on another.
type inflater struct {
	in  chan []byte // coded data; nil: go on with the last
	out chan []byte // decoded data; nil: all coded data is used up
}

func newInflater(coding string) *inflater {
	d := &inflater{make(chan []byte), make(chan []byte)}
	go d.run(coding)
	return d
}

// write decodes b into pieces for sink, which are valid during the call. It
// returns false when the coded data has ended or is corrupt, or sink returned
// false. Only stop may follow then.
func (d *inflater) write(b []byte, sink func([]byte) bool) bool {
	for d.in <- b; ; d.in <- nil {
		out, ok := <-d.out
		switch {
		case !ok:
			return false
		case out == nil:
			return true
		case !sink(out):
			return false
		}
	}
}

// stop ends the goroutine. It may be called once, while write is not running.
func (d *inflater) stop() { close(d.in) }

func (d *inflater) run(coding string) {
	defer close(d.out)
	b, ok := <-d.in
	if !ok {
		return
	}
	src := &source{d: d, b: b}
	r, next, err := open(coding, src)
	for buf := make([]byte, 4<<10); err == nil; {
		var n int
		n, err = r.Read(buf)
		// A decoder that is cut off still returns what it has. After stop nobody
		// receives it.
		if n > 0 && !src.stopped {
			d.out <- buf[:n]
			if _, ok := <-d.in; !ok {
				return
			}
		}
		if errors.Is(err, io.EOF) {
			err = next()
		}
	}
}

// open returns a reader of decoded data, and what to do at its end.
func open(coding string, src io.Reader) (r io.Reader, next func() error, err error) {
	br := bufio.NewReader(src) // it takes what a write brought, and waits for no more
	if coding != "deflate" {
		// The data may have several members. In multistream mode the Reader holds
		// back the end of one until the next begins.
		z := new(gzip.Reader)
		next = func() error {
			err := z.Reset(br)
			z.Multistream(false)
			return err
		}
		return z, next, next()
	}
	next = func() error { return io.EOF }
	// The standard asks for zlib's format. Some servers leave its header out.
	if h, err := br.Peek(2); err == nil && h[0]&15 == 8 && (int(h[0])<<8|int(h[1]))%31 == 0 {
		r, err = zlib.NewReader(br)
		return r, next, err
	}
	return flate.NewReader(br), next, nil
}

// source is the coded data as the decoder reads it.
type source struct {
	d       *inflater
	b       []byte
	stopped bool
}

// Read ends the turn when nothing is left. The caller's bytes are not used after
// that.
func (s *source) Read(p []byte) (int, error) {
	for len(s.b) == 0 {
		if !s.stopped {
			s.d.out <- nil
			b, ok := <-s.d.in
			s.b, s.stopped = b, !ok
		}
		if s.stopped {
			return 0, io.ErrUnexpectedEOF
		}
	}
	n := copy(p, s.b)
	s.b = s.b[n:]
	return n, nil
}
