// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math"
	"strings"
)

// A segment, and an export, is a line of text and frames:
//
//	spanloom chromem 1 plain\n      or gzip: whether the frames are compressed
//	length, checksum, data          repeated; two uint32, big endian
//	0, number of frames             the end
//
// The checksum is the CRC-32C of the data, which is, compressed or not, a gob
// stream of records of its own. No byte is decoded that the checksum does not
// vouch for, and a file that was cut off anywhere has no end.
const (
	segmentMagic   = "spanloom chromem "
	segmentVersion = "1"
	formPlain      = "plain"
	formGzip       = "gzip"

	// frameSize is where a frame is closed. What is read at once is a bit more,
	// unless one document is.
	frameSize = 1 << 20
	frameHead = 8

	bufferSize = 64 << 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errNewer is no damage: other programs can read the file.
var errNewer = errors.New("it was written by a newer version of this package")

// segmentWriter writes a segment. Without its close, the segment has no end and
// is not accepted by decodeSegment.
type segmentWriter struct {
	w        io.Writer
	compress bool
	zip      *gzip.Writer
	gob      *gob.Encoder // Nil: the frame is empty.
	buf      bytes.Buffer // Uncompressed.
	zipped   bytes.Buffer
	frames   uint32
}

func newSegmentWriter(w io.Writer, compress bool) (*segmentWriter, error) {
	form := formPlain
	if compress {
		form = formGzip
	}
	_, err := io.WriteString(w, segmentMagic+segmentVersion+" "+form+"\n")
	return &segmentWriter{w: w, compress: compress}, err
}

// encodeSegment returns how many records it wrote.
func encodeSegment(w io.Writer, records iter.Seq[record], compress bool) (int, error) {
	e, err := newSegmentWriter(w, compress)
	if err != nil {
		return 0, err
	}
	n := 0
	for r := range records {
		if err := e.add(r); err != nil {
			return 0, err
		}
		n++
	}
	return n, e.close()
}

func (e *segmentWriter) add(r record) error {
	if e.gob == nil {
		e.gob = gob.NewEncoder(&e.buf)
	}
	if err := e.gob.Encode(r); err != nil {
		return fmt.Errorf("encode document %q: %w", r.ID, err)
	}
	if e.buf.Len() < frameSize {
		return nil
	}
	return e.flush()
}

func (e *segmentWriter) flush() error {
	if e.gob == nil {
		return nil
	}
	data := e.buf.Bytes()
	if e.compress {
		var err error
		e.zipped.Reset()
		if e.zip == nil {
			// Vectors hardly shrink, however long one tries.
			if e.zip, err = gzip.NewWriterLevel(&e.zipped, gzip.BestSpeed); err != nil {
				return err
			}
		} else {
			e.zip.Reset(&e.zipped)
		}
		if _, err := e.zip.Write(data); err != nil {
			return err
		}
		if err := e.zip.Close(); err != nil {
			return err
		}
		data = e.zipped.Bytes()
	}
	if uint64(len(data)) > math.MaxUint32 {
		return errors.New("a document of more than 4 GiB")
	}
	if err := e.frame(uint32(len(data)), crc32.Checksum(data, castagnoli), data); err != nil {
		return err
	}
	e.frames++
	e.buf.Reset()
	e.gob = nil
	return nil
}

func (e *segmentWriter) frame(length, sum uint32, data []byte) error {
	head := binary.BigEndian.AppendUint32(make([]byte, 0, frameHead), length)
	head = binary.BigEndian.AppendUint32(head, sum)
	if _, err := e.w.Write(head); err != nil {
		return err
	}
	_, err := e.w.Write(data)
	return err
}

func (e *segmentWriter) close() error {
	if err := e.flush(); err != nil {
		return err
	}
	return e.frame(0, e.frames, nil)
}

// decodeSegment calls visit for each record, in the order of the calls that
// wrote them. An error may come after some visits; it is errNewer, that of
// visit, one of reading r, or else damage.
func decodeSegment(r io.Reader, visit func(record) error) error {
	in := bufio.NewReader(r)
	compressed, err := readHeader(in)
	if err != nil {
		return err
	}
	var frame bytes.Buffer
	for n := uint32(0); ; n++ {
		var head [frameHead]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return cutOff(err)
		}
		length, sum := binary.BigEndian.Uint32(head[:4]), binary.BigEndian.Uint32(head[4:])
		if length == 0 {
			if sum != n {
				return fmt.Errorf("it has %d frames instead of %d", n, sum)
			}
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
				return errors.Join(errors.New("it goes on after its end"), err)
			}
			return nil
		}
		// Not allocated in advance: the length may be the damage.
		frame.Reset()
		if _, err := io.CopyN(&frame, in, int64(length)); err != nil {
			return cutOff(err)
		}
		if crc32.Checksum(frame.Bytes(), castagnoli) != sum {
			return fmt.Errorf("the checksum of frame %d is wrong", n+1)
		}
		if err := decodeFrame(&frame, compressed, visit); err != nil {
			return fmt.Errorf("frame %d: %w", n+1, err)
		}
	}
}

func readHeader(in *bufio.Reader) (compressed bool, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return false, err
	}
	rest, ok := strings.CutPrefix(string(line), segmentMagic)
	if !ok {
		return false, fmt.Errorf("it does not begin with %q", segmentMagic)
	}
	version, form, _ := strings.Cut(rest, " ")
	switch {
	case version != segmentVersion:
		return false, fmt.Errorf("%w: it has format %.20q, this one knows %s", errNewer, version, segmentVersion)
	case form == formPlain+"\n":
		return false, nil
	case form == formGzip+"\n":
		return true, nil
	}
	return false, fmt.Errorf("it has the unknown form %.20q", form)
}

func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is cut off")
	}
	return err
}

func decodeFrame(frame *bytes.Buffer, compressed bool, visit func(record) error) error {
	var data io.Reader = frame
	if compressed {
		zip, err := gzip.NewReader(frame)
		if err != nil {
			return err
		}
		data = bufio.NewReader(zip)
	}
	dec := gob.NewDecoder(data)
	for {
		var r record
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := visit(r); err != nil {
			return err
		}
	}
}
