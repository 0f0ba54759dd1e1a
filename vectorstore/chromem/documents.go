// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"

	chromemgo "github.com/philippgille/chromem-go"
)

// record is a step of the history that a segment holds: a document that was
// added or replaced, or one that was deleted. Its fields are the file format.
type record struct {
	Collection string
	ID         string
	Deleted    bool
	Text       string
	Metadata   map[string]string
	// Vector has float32 numbers, little endian: gob's own form of them is half
	// as long again and several times as slow.
	Vector []byte
}

func putRecord(collection string, doc chromemgo.Document) record {
	vector := make([]byte, 0, 4*len(doc.Embedding))
	for _, x := range doc.Embedding {
		vector = binary.LittleEndian.AppendUint32(vector, math.Float32bits(x))
	}
	return record{
		Collection: collection, ID: doc.ID, Text: doc.Content, Metadata: doc.Metadata, Vector: vector,
	}
}

func (r record) document() chromemgo.Document {
	vector := make([]float32, len(r.Vector)/4)
	for i := range vector {
		vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(r.Vector[4*i:]))
	}
	return chromemgo.Document{ID: r.ID, Content: r.Text, Metadata: r.Metadata, Embedding: vector}
}

func (r record) check() error {
	switch {
	case r.Collection == "":
		return errors.New("a document of no collection")
	case r.ID == "":
		return errors.New("a document without an id")
	case !r.Deleted && (len(r.Vector) == 0 || len(r.Vector)%4 != 0):
		return fmt.Errorf("document %q has a vector of %d bytes", r.ID, len(r.Vector))
	}
	return nil
}

func recordsOf(changes []change) iter.Seq[record] {
	return func(yield func(record) bool) {
		for _, c := range changes {
			for _, id := range c.remove {
				if !yield(record{Collection: c.collection, ID: id, Deleted: true}) {
					return
				}
			}
			for _, doc := range c.put {
				if !yield(putRecord(c.collection, doc)) {
					return
				}
			}
		}
	}
}

// documents has them by collection and id.
type documents map[string]map[string]chromemgo.Document

func (d documents) put(collection string, doc chromemgo.Document) {
	if d[collection] == nil {
		d[collection] = map[string]chromemgo.Document{}
	}
	d[collection][doc.ID] = doc
}

// remove leaves no empty collection.
func (d documents) remove(collection, id string) {
	delete(d[collection], id)
	if len(d[collection]) == 0 {
		delete(d, collection)
	}
}

// replay takes the next step of the history.
func (d documents) replay(r record) error {
	if err := r.check(); err != nil {
		return err
	}
	if r.Deleted {
		d.remove(r.Collection, r.ID)
	} else {
		d.put(r.Collection, r.document())
	}
	return nil
}

func (d documents) len() int {
	n := 0
	for _, docs := range d {
		n += len(docs)
	}
	return n
}

func (d documents) records() iter.Seq[record] {
	return func(yield func(record) bool) {
		for collection, docs := range d {
			for _, doc := range docs {
				if !yield(putRecord(collection, doc)) {
					return
				}
			}
		}
	}
}

// checkDimensions is for the end of a history: on its way, a collection that
// was emptied and filled anew may have both kinds of vectors, because the merge
// of two segments drops deletions of what is there again.
func (d documents) checkDimensions() error {
	for collection, docs := range d {
		dim, first := 0, ""
		for id, doc := range docs {
			if dim == 0 {
				dim, first = len(doc.Embedding), id
			}
			if len(doc.Embedding) != dim {
				return fmt.Errorf("%w: in collection %q, document %q has a vector of %d and document %q one of %d",
					ErrDimension, collection, first, dim, id, len(doc.Embedding))
			}
		}
	}
	return nil
}
