// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
)

// inflater decodes a compressed body as it passes. The standard library's
// decoders pull and the body is pushed, so a decoder has a goroutine. It takes
// turns with the caller of write: exactly one of them runs, the other waits.
type inflater struct {
	coded *io.PipeWriter
	ended chan struct{}
}

// newInflater returns an inflater that writes decoded pieces to dst, which can
// end it by an error.
func newInflater(dst io.Writer, coding string) *inflater {
	r, w := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.CloseWithError(inflate(dst, r, coding))
	}()
	return &inflater{w, ended}
}

// write decodes b. It returns false when the coded data has ended or is corrupt,
// or dst returned an error.
func (d *inflater) write(b []byte) bool {
	if _, err := d.coded.Write(b); err != nil {
		return false
	}
	// The decoder has taken all of b. This returns when it asks for more.
	_, err := d.coded.Write(nil)
	return err == nil
}

// stop ends the goroutine, after it has written what the decoder still has.
func (d *inflater) stop() {
	_ = d.coded.Close()
	<-d.ended
}

// inflate returns where src ends or is corrupt.
func inflate(dst io.Writer, src io.Reader, coding string) error {
	br := bufio.NewReader(src) // it takes what a write brought, and waits for no more
	buf := make([]byte, 4<<10)
	if coding == "deflate" {
		r := flate.NewReader(br)
		// The standard asks for zlib's format. Some servers leave its header out.
		if h, err := br.Peek(2); err == nil && h[0]&15 == 8 && (int(h[0])<<8|int(h[1]))%31 == 0 {
			if r, err = zlib.NewReader(br); err != nil {
				return err
			}
		}
		if _, err := io.CopyBuffer(dst, r, buf); err != nil { //nolint:gosec // dst bounds what is decoded
			return err
		}
		return io.EOF
	}
	// The data may have several members. In multistream mode the Reader holds back
	// the end of one until the next begins.
	for z := new(gzip.Reader); ; {
		if err := z.Reset(br); err != nil {
			return err
		}
		z.Multistream(false)
		if _, err := io.CopyBuffer(dst, z, buf); err != nil {
			return err
		}
	}
}
